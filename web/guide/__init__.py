"""The help page and the import templates."""

from web.guide.views import blueprint

__all__ = ["blueprint"]
