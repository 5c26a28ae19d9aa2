"""What a source of notices gives: who is told what."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from kb.events.models import Event
from kb.notices.models import NoticeKind


@dataclass(frozen=True, slots=True)
class Told:
    """That somebody is told something: the fields are those of ``Notice``."""

    user_id: int
    kind: NoticeKind
    facts: Mapping[str, Any]


Source = Callable[[Session, Event], Sequence[Told]]
