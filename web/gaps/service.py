"""What the pages share about gaps: showing one, trying its words, the address at which an answer is written."""

from flask import url_for

from indexer import gaps as likeness
from indexer.engine import Filters
from kb.desk import operations as desk
from kb.desk import queries as desk_queries
from kb.desk.rules import WordingState
from kb.entries.queries import may_read
from kb.gaps import operations, queries
from kb.gaps.models import Gap
from kb.gaps.rules import LIVE
from kb.people import queries as people_queries
from kb.permissions import Permission, allowed
from web import requests
from web.gaps.presenters import Alike, GapPage
from web.services import services

ASKS = 50
NEAREST = 5
ALIKE = 5
ALIKE_AMONG = 300
"""Gaps that are looked through for the same question when a page is shown: the most urgent, so that nobody waits."""


def page_of(number: int) -> GapPage:
    """Return what the page of the gap *number* shows, the nearest entries as the index has them now.

    Raises:
        NotFoundError: there is none that the person may see.
        IndexNotReadyError: there is no index to search.
    """
    session, actor = requests.session(), requests.actor()
    gap = queries.gap(session, actor, number)
    phrasings = queries.phrasings(session, gap.id)
    asks = queries.asks(session, gap.id, limit=ASKS)
    found = services().search.run(session, actor, gap.text, Filters(), now=requests.now(), limit=NEAREST)
    near = [hit for hit in (found.hits or found.nearest) if hit.bulletin is None]
    target = gap.target if gap.module_key is not None else None
    return GapPage(
        gap=gap,
        phrasings=phrasings,
        asks=asks,
        people=people_queries.bylines(session, [ask.user_id for ask, _ in asks]),
        nearest=near,
        answered=bool(found.hits),
        alike=_alike(gap) if gap.state in LIVE else (),
        may_answer=allowed(actor, Permission.GAP_ANSWER, target),
        may_decide=gap.entry is not None and allowed(actor, Permission.WORDING_DECIDE, gap.entry.target()),
        reads_entry=gap.entry is not None and may_read(actor, gap.entry, now=requests.now()),
    )


def _alike(gap: Gap) -> list[Alike]:
    """Return other live gaps that may mean the same, the likest first, each once."""
    others = [put for put in queries.live_phrasings(requests.session(), limit=ALIKE_AMONG) if put.gap_id != gap.id]
    texts = [put.text for put in others]
    found: dict[int, Alike] = {}
    for item in likeness.likest(services().search.engine, gap.text, texts, least=likeness.MAYBE):
        put = others[item.index]
        found.setdefault(put.gap_id, Alike(put.gap_id, put.text, item.value))
    return list(found.values())[:ALIKE]


def try_and_close(number: int) -> bool:
    """Search with every wording of the gap *number*, and close it if they find its entry; return whether they do.

    Raises:
        NotFoundError: there is no such gap that the person may see.
        PermissionDeniedError: they may not answer it.
        ConflictError: there is nothing to be tried.
        IndexNotReadyError: there is no index to search.
    """
    session, actor, now = requests.session(), requests.actor(), requests.now()
    gap = queries.gap(session, actor, number)
    words = queries.to_try(session, gap.id)
    key = gap.entry.key if gap.entry is not None else ""
    findings = likeness.try_words(services().search, session, key, words, now=now) if key else ()
    with requests.writing() as unit:
        gap = queries.gap(unit, actor, number)
        return operations.close(unit, actor, gap, findings, entry_key=key, now=now)


def propose_wordings(number: int) -> int:
    """Propose what does not find the entry as wordings of it; whoever may decide on them accepts them at once.

    Returns how many.

    Raises:
        NotFoundError: there is no such gap that the person may see.
        PermissionDeniedError: they may not answer it.
        ConflictError: no entry is linked that agents are served.
    """
    actor, now = requests.actor(), requests.now()
    with requests.writing() as unit:
        gap = queries.gap(unit, actor, number)
        made = operations.propose_wordings(unit, actor, gap, learning=services().learning, now=now)
        decides = gap.entry is not None and allowed(actor, Permission.WORDING_DECIDE, gap.entry.target())
        for wording in made:
            if decides and wording.state is WordingState.PROPOSED:
                desk.decide(unit, actor, desk_queries.wording(unit, actor, wording.id), WordingState.ACCEPTED, now=now)
        return len(made)


def writing_address(gap: Gap) -> str:
    """Return where an entry that answers *gap* is written."""
    return url_for("editor.index", origin=f"gap:{gap.id}")
