"""The pages of the forum (讨论区)."""

from web.forum import editing_views, moderation_views, reading_views, views
from web.forum.blueprint import blueprint

__all__ = ["blueprint", "editing_views", "moderation_views", "reading_views", "views"]
