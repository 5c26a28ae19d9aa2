"""Corrections: the queue, a correction with its decision, a person's own, the figures, and the duty's alarm."""

from web.corrections.views import blueprint

__all__ = ["blueprint"]
