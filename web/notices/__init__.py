"""Notices: what somebody is told, on a page of their own, with a badge on every page."""

from web.notices.views import blueprint

__all__ = ["blueprint"]
