"""Worlds with a known truth, to see what a rule makes of them."""
