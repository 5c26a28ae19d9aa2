"""The three lists as one table: where each stands, how its form is read, and which verbs change it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kb.errors import NotFoundError
from kb.i18n import N_
from kb.lexicon import operations, queries
from kb.lexicon.models import Kept, Pin, Synonym, Word, WordList
from web.lexicon import forms


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One of the lists.

    Attributes:
        slug: its part of the address.
        facts: form, time zone → what the verbs take.
        values: row, time zone → what stands in its form.
        add, revise: verbs of ``kb.lexicon.operations``.
        page: the query that reads it.
    """

    slug: str
    word_list: WordList
    model: type[Kept]
    facts: Callable[..., Any]
    values: Callable[..., forms.Form]
    add: Callable[..., Kept]
    revise: Callable[..., Kept]
    page: Callable[..., Any]
    new: str


TABS: Mapping[str, Tab] = {
    tab.slug: tab
    for tab in (
        Tab(
            slug="synonyms",
            word_list=WordList.SYNONYM,
            model=Synonym,
            facts=forms.synonym_facts,
            values=forms.synonym_values,
            add=operations.add_synonym,
            revise=operations.revise_synonym,
            page=queries.synonyms,
            new=N_("加同义词"),
        ),
        Tab(
            slug="words",
            word_list=WordList.WORD,
            model=Word,
            facts=forms.word_facts,
            values=forms.word_values,
            add=operations.add_word,
            revise=operations.revise_word,
            page=queries.words,
            new=N_("加词"),
        ),
        Tab(
            slug="pins",
            word_list=WordList.PIN,
            model=Pin,
            facts=forms.pin_facts,
            values=forms.pin_values,
            add=operations.add_pin,
            revise=operations.revise_pin,
            page=queries.pins,
            new=N_("加置顶答案"),
        ),
    )
}


def find(slug: str) -> Tab:
    """Return the tab at *slug*.

    Raises:
        NotFoundError: there is none.
    """
    if slug not in TABS:
        raise NotFoundError(N_("没有这个页面"))
    return TABS[slug]
