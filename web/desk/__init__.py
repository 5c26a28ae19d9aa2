"""The desk's pages: whether an entry solved the call, proposed wordings, gaps."""

from web.desk.views import blueprint

__all__ = ["blueprint"]
