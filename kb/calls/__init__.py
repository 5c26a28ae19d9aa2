"""Calls (通话): what an agent searched, opened and said on one, its contact record, and the figures of many."""
