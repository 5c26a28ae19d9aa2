"""Idle study (闲时学习): cards between calls, each spaced by what its answers say."""
