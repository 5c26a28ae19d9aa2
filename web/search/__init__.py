"""The search page."""

from web.search.views import blueprint

__all__ = ["blueprint"]
