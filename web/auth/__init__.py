"""Signing in and out, one's own password, and the language of pages."""

from web.auth.views import blueprint

__all__ = ["blueprint"]
