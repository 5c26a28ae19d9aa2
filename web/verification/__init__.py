"""The pages of regional verification."""

from web.verification.views import blueprint

__all__ = ["blueprint"]
