"""Validity (有效期) and review dates (复核): who is reminded of them when, and what is overdue.

That nobody is served what is not valid is no work of this package: searches and pages ask the moment
(``kb.entries.queries.valid_at``, ``indexer.embedded.visibility``).
"""
