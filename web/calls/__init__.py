"""Calls at the desk: the one that goes on, its contact record and steps, what a ticket was told, and figures."""

from web.calls.views import blueprint

__all__ = ["blueprint"]
