"""Gaps: the queue, one gap's page, and the job that sorts new ones in and closes what is found."""

from web.gaps.views import blueprint

__all__ = ["blueprint"]
