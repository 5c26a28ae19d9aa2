"""Benchmarks: each compares two things in one run, since machines are noisy. Run them with ``make bench``."""
