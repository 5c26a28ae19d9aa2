"""The shift brief."""

from web.briefs.views import blueprint

__all__ = ["blueprint"]
