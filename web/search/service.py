"""Running a search for a request, counted, and putting it into the search log."""

from indexer.documents import Source
from indexer.search import Reasons, Results
from kb.desk.models import Door
from kb.desk.rules import Words
from kb.desk.searches import Searched
from web import requests
from web.search.params import SearchArgs
from web.services import services

TOP = 3
"""Results of a search that its record names."""


def run(args: SearchArgs, *, limit: int, offset: int = 0) -> Results:
    """Return what the person may see of what *args* ask for.

    Raises:
        IndexNotReadyError: there is no index to search.
    """
    held = services()
    results = held.search.run(
        requests.session(), requests.actor(), args.q, args.filters, now=requests.now(), limit=limit, offset=offset
    )
    held.metrics.search_seconds.labels(args.source.value).observe(results.took_ms / 1000)
    if not results.answered:
        held.metrics.empty_searches.labels(args.source.value).inc()
    return results


def explain(args: SearchArgs, *, compare: str | None = None) -> Reasons:
    """Return why the search for *args* comes out as it does, and where *compare* came out.

    Raises:
        NotFoundError: there is no *compare* that the person may read.
        IndexNotReadyError: there is no index to search.
    """
    return services().search.explain(
        requests.session(), requests.actor(), args.q, args.filters, now=requests.now(), compare=compare
    )


def note(args: SearchArgs, results: Results, door: Door, *, unanswered: bool) -> bool:
    """Put a search into the search log; return whether that makes a gap. Other pages of the same search are none.

    Args:
        unanswered: whether the words have no good answer, filters or not: among the entries that makes a gap.
    """
    if not args.q:
        return False
    held = services()
    forum = args.source is Source.THREAD
    words = Words.of(args.q, held.learning.normalise)
    held.search_log.note(
        Searched(
            at=requests.now(),
            user_id=requests.actor().user_id,
            words=words,
            region_key=args.region,
            module_key=args.module,
            forum=forum,
            total=results.total,
            answered=results.answered,
            top=tuple(hit.id for hit in results.hits[:TOP]),
            took_ms=results.took_ms,
            door=door,
            is_gap=unanswered and not forum,
        )
    )
    return unanswered and not forum and bool(words.spelling)
