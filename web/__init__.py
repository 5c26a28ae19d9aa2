"""Pages, JSON API and command line: turns requests into calls and results into HTML or JSON. No rules of its own."""
