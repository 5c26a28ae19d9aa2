"""The page of the calendar of working days."""

from web.workdays.views import blueprint

__all__ = ["blueprint"]
