"""Suggestions while typing."""

from web.suggest.views import blueprint

__all__ = ["blueprint"]
