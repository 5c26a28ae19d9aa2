"""The page of an entry, and its history."""

from web.entries import revisions
from web.entries.views import blueprint

__all__ = ["blueprint", "revisions"]
