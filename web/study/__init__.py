"""Idle study: the card between two calls, what an answer came to, and a person's own week."""

from web.study.views import blueprint

__all__ = ["blueprint"]
