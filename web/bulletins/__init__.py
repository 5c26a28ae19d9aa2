"""Bulletins: what is in force on every page, pushed to open desks, and the pages of whoever publishes them."""

from web.bulletins.views import blueprint

__all__ = ["blueprint"]
