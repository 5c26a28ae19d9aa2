"""Gaps: questions of one meaning without a good answer, who met them, and what becomes of them."""
