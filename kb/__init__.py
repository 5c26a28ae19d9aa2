"""The knowledge domain of Zhihui: people, entries, forum, events, and the rules between them.

Nothing in here knows Flask or Whoosh. Each domain is a package with the same rooms: ``models``, ``operations`` (the
verbs; they never commit), ``queries`` (the reads) and ``rules`` (pure functions) where there is a rule to state.
"""

__version__ = "0.1.0"
