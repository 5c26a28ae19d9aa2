"""Many agents at once: see docs/load.md."""
