"""Sense: sentence vectors of texts, kept by content, and the nearest of them. Knows nothing of entries or segments."""
