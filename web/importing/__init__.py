"""The wizard that turns documents into drafts: upload, look at what was understood, decide, take."""

from web.importing.views import blueprint

__all__ = ["blueprint"]
