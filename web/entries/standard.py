"""The writing standard as the pages show it: beside the form, to the reviewer, and on the page of an entry's level."""

from collections.abc import Sequence
from dataclasses import dataclass

from kb.entries import standard
from kb.entries.content import Content
from kb.entries.standard import EDITION, Finding
from web.services import services


@dataclass(frozen=True, slots=True)
class Checked:
    """What the standard says of a text.

    Attributes:
        edition: of the standard; shares of two editions do not compare.
        by_field: whether the page has the fields that points can lead to.
    """

    findings: Sequence[Finding]
    by_field: bool = False
    edition: int = EDITION

    @property
    def missing(self) -> Sequence[Finding]:
        """The points that are not met."""
        return [item for item in self.findings if not item.met]

    @property
    def met(self) -> int:
        """How many points are met."""
        return len(self.findings) - len(self.missing)


def checked(content: Content, *, has_owner: bool, by_field: bool = False) -> Checked:
    """Return what this installation's standard says of *content*."""
    return Checked(standard.read(services().settings.content).check(content, has_owner=has_owner), by_field)
