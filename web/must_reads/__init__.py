"""Must-reads: asking people to read an entry, and seeing who has not."""

from web.must_reads.views import blueprint

__all__ = ["blueprint"]
