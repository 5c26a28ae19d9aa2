"""The table of reminders."""

from datetime import date, datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from kb.db import Base, enum_type
from kb.validity.rules import DateKind


class DateReminder(Base):
    """That the owner of an entry was reminded of a date, so and so many days before: once, whoever looks when.

    Attributes:
        day: the date it is about; another date is another reminder.
        days_before: 0 says that it has come.
    """

    __tablename__ = "date_reminders"

    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), primary_key=True)
    kind: Mapped[DateKind] = mapped_column(enum_type(DateKind), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    days_before: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
