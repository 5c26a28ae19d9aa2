"""Uploading and serving attachments (附件)."""

from web.attachments.views import blueprint

__all__ = ["blueprint"]
