"""Suggestions while typing: what titles, customers' wordings and frequent questions go on as what was typed begins."""
