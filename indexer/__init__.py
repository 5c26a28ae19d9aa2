"""Text to tokens to index to ranked hits. Knows the domain only through published documents and the event log."""
