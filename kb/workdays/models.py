"""The table of days that are not what their weekday says."""

from datetime import date
from enum import StrEnum

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from kb.db import Base, enum_type
from kb.i18n import N_


class DayKind(StrEnum):
    """What a day is instead."""

    HOLIDAY = "holiday"
    """No work, although it may be a weekday."""
    MAKE_UP = "make_up"
    """Work, although it is a Saturday or Sunday (调休)."""

    @property
    def label(self) -> str:
        """The Chinese name."""
        return KIND_LABELS[self]


KIND_LABELS = {DayKind.HOLIDAY: N_("放假"), DayKind.MAKE_UP: N_("调休上班")}

MAX_NAME = 40


class SpecialDay(Base):
    """A day that is a holiday, or worked to make up for one. All others go by their weekday."""

    __tablename__ = "special_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[DayKind] = mapped_column(enum_type(DayKind))
    name: Mapped[str] = mapped_column(String(MAX_NAME))
