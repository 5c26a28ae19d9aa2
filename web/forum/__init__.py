"""The pages of the forum (讨论区)."""

from web.forum import moderation_views, reading_views, views
from web.forum.blueprint import blueprint

__all__ = ["blueprint", "moderation_views", "reading_views", "views"]
