"""The pages of the forum (讨论区)."""

from web.forum.views import blueprint

__all__ = ["blueprint"]
