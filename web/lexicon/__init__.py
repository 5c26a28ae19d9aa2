"""The pages of the lexicon: synonyms, dictionary words, pinned answers."""

from web.lexicon.views import blueprint

__all__ = ["blueprint"]
