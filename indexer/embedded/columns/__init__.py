"""Columns: what is scored, filtered and counted, as memory-mapped arrays in segments beside Whoosh."""
