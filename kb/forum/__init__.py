"""The forum (讨论区): colleagues' questions, experiences and cases, where knowledge starts."""
