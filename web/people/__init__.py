"""The pages about people: who knows what, and what somebody gave."""

from web.people.views import blueprint

__all__ = ["blueprint"]
