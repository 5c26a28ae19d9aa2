"""The page of a knowledge entry."""

from web.entries.views import blueprint

__all__ = ["blueprint"]
