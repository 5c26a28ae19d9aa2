"""Bulletins (公告): what is the matter now, for whom, what to tell customers, and who has read it."""
