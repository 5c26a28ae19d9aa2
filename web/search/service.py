"""Running a search for a request, counted."""

from indexer.search import Results
from web import requests
from web.search.params import SearchArgs
from web.services import services


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
    if results.total == 0:
        held.metrics.empty_searches.labels(args.source.value).inc()
    return results
