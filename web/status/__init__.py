"""The status page: how far the index, sense and the search log are."""

from web.status.views import blueprint

__all__ = ["blueprint"]
