"""The desk: an agent's one screen. A page that works by itself, and the parts of it that its script asks for.

``/desk?q=…&region=…&module=…&product=…&open=KEY&call=…`` is the whole state. Searches while somebody types are not
logged; the script posts the one that they stayed with.
"""

import re
from dataclasses import replace
from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from indexer.search import Results
from kb.bulletins import queries as bulletin_queries
from kb.bulletins.queries import Notice
from kb.calls.queries import count_on_ticket
from kb.calls.rules import TIMEOUT, Topic, as_ticket
from kb.corrections import queries as correction_queries
from kb.desk import queries as desk_queries
from kb.desk import scopes
from kb.desk.models import Door
from kb.desk.rules import Reason
from kb.desk.scopes import Scope
from kb.entries import queries as entry_queries
from kb.entries.rules import SERVED
from kb.errors import NotFoundError
from kb.licences import queries as licence_queries
from kb.permissions import Permission, allowed
from web import requests
from web.calls import service as calls
from web.calls.presenters import Bar
from web.corrections import service as corrections
from web.desk import service
from web.desk.params import DeskArgs, parse
from web.desk.presenters import Card, Listing
from web.desk.views import blueprint
from web.search import service as search_service
from web.search.facets import module_counts, regions_in_order
from web.services import services
from web.verification.service import here

MAX_RESULTS = 7
"""Results on the desk: as many as are read while somebody talks."""
NEAREST = 3
"""Results shown where none is an answer."""
BULLETIN = re.compile(r"bulletin-([1-9][0-9]{0,8})", re.ASCII)
"""The key of a bulletin among the results (``indexer.bulletins``)."""


@blueprint.get("/desk")
def screen() -> ResponseReturnValue:
    """Show the desk in the state that the address says."""
    args = _with_scope(parse(request.args, requests.taxonomy()))
    call = calls.at_desk(args)
    args = args.on_call(call)
    listing = _listing(args)
    if listing is not None and args.open is None:
        _note(args, listing.results)
    taxonomy = requests.taxonomy()
    return render_template(
        "desk/screen.html",
        desk=args,
        listing=listing,
        card=_open_card(args),
        notice=_notice(args.open),
        bar=Bar(call, requests.now()),
        topics=list(Topic),
        call_timeout_ms=TIMEOUT // timedelta(milliseconds=1),
        regions=regions_in_order(taxonomy),
        modules=module_counts(taxonomy.modules, {}, empty=True),
        products=list(taxonomy.products.values()),
    )


@blueprint.get("/desk/results")
def results() -> ResponseReturnValue:
    """Answer with the list of results alone, for somebody who types."""
    args = parse(request.args, requests.taxonomy())
    listing = _listing(args)
    if listing is not None:
        services().lately.put(_asked(args), listing.results, now=requests.now())
    return render_template("desk/_results.html", desk=args, listing=listing)


@blueprint.get("/desk/cards/<key>")
def card(key: str) -> ResponseReturnValue:
    """Answer with the card of the entry or bulletin *key* alone.

    Raises:
        NotFoundError: there is none that the person may read.
    """
    args = parse(request.args, requests.taxonomy()).opening(key)
    notice = _notice(key)
    if notice is not None:
        return render_template("desk/_bulletin.html", desk=args, notice=notice)
    return render_template("desk/_card.html", desk=args, card=_card(key, args))


@blueprint.post("/desk/cards/<key>/outcomes")
def outcome(key: str) -> ResponseReturnValue:
    """Record whether the entry *key* solved the call. Its card is the answer, for the script; the desk for others."""
    args = parse(request.args, requests.taxonomy()).opening(key)
    solved = request.form.get("solved") == "yes"
    reason = service.parse_reason(request.form.get("reason", ""))
    service.record_outcome(key, args.q, solved=solved, reason=reason, call=args.call)
    if requests.asked_by_script():
        return render_template("desk/_card.html", desk=args, card=_card(key, args), thanked=True)
    flash(gettext("谢谢，记下了。"))
    return redirect(url_for("desk.screen", **args.query))


@blueprint.post("/desk/cards/<key>/corrections")
def correct(key: str) -> ResponseReturnValue:
    """Report that the entry *key* is wrong. Its card is the answer, for the script; the desk for others."""
    args = parse(request.args, requests.taxonomy()).opening(key)
    corrections.report(key, request.form)
    if requests.asked_by_script():
        card = _open_card(args)
        return render_template("desk/_card.html", desk=args, card=card, corrected=True) if card else ("", 204)
    flash(gettext("谢谢，纠错收到了。处理的进展在“我的纠错”里。"))
    return redirect(url_for("desk.screen", **args.query))


@blueprint.post("/desk/searches")
def searched() -> ResponseReturnValue:
    """Put the search that somebody stayed with into the search log."""
    args = parse(request.form, requests.taxonomy())
    if args.q:
        found = services().lately.take(_asked(args), now=requests.now())
        _note(args, found if found is not None else search_service.run(args.search, limit=MAX_RESULTS))
    return "", 204


@blueprint.post("/desk/gaps")
def report_gap() -> ResponseReturnValue:
    """Record that nothing which was found answers the caller."""
    args = parse(request.form, requests.taxonomy())
    if args.q:
        note, only_note = request.form.get("note", ""), request.form.get("noted") == "yes"
        service.report_gap(args, note=note, only_note=only_note)
    if requests.asked_by_script():
        return "", 204
    flash(gettext("记下了：这句话还没有合适的知识。"))
    return redirect(url_for("desk.screen", **args.opening(None).query))


@blueprint.post("/desk/scope")
def choose_scope() -> ResponseReturnValue:
    """Remember what the desk is narrowed to, and show it that way."""
    args, actor = parse(request.form, requests.taxonomy()), requests.actor()
    with requests.writing() as unit:
        scopes.remember(unit, actor, args.scope)
    if requests.asked_by_script():
        return "", 204
    return redirect(url_for("desk.screen", **args.query))


def _with_scope(args: DeskArgs) -> DeskArgs:
    """Return *args* with the person's own scope where the address says none: the last one, at first their region."""
    if args.named:
        return args
    person = requests.person()
    found = scopes.remembered(requests.session(), person.id)
    if found is None:
        home = requests.taxonomy().regions.get(person.region_key or "")
        # The whole province as a scope would leave everything: that is none.
        found = Scope(region=home.key if home is not None and home.parent is not None else None)
    return replace(args, scope=found)


def _listing(args: DeskArgs) -> Listing | None:
    if not args.q:
        return None
    found = search_service.run(args.search, limit=MAX_RESULTS)
    hits = found.hits or found.nearest[:NEAREST]
    entry_ids = [hit.database_id for hit in hits if hit.bulletin is None]
    ticket = as_ticket(args.q)
    return Listing(
        results=found,
        hits=hits,
        tallies=desk_queries.tallies(requests.session(), entry_ids) if entry_ids else {},
        unscoped=_total_unscoped(args) if not found.hits else 0,
        ticket=ticket,
        on_ticket=count_on_ticket(requests.session(), requests.actor(), ticket) if ticket else 0,
    )


def _total_unscoped(args: DeskArgs) -> int:
    """Return how many results there were if the desk were not narrowed."""
    if args.scope == Scope():
        return 0
    return search_service.run(args.unscoped().search, limit=1).total


def _asked(args: DeskArgs) -> tuple[int, str, Scope]:
    return requests.person().id, args.q, args.scope


def _note(args: DeskArgs, found: Results) -> None:
    # Whoever looks a ticket up misses no knowledge.
    unanswered = found.total == 0 and as_ticket(args.q) is None and not _total_unscoped(args)
    search_service.note(args.search, found, Door.DESK, unanswered=unanswered)


def _open_card(args: DeskArgs) -> Card | None:
    """Return the card that is open, ``None`` where none is or the person may not read it."""
    try:
        return _card(args.open, args) if args.open is not None else None
    except NotFoundError:
        return None


def _notice(key: str | None) -> Notice | None:
    """Return the bulletin with this *key*; ``None`` where it is no bulletin's, or none for this person."""
    found = BULLETIN.fullmatch(key or "")
    if found is None:
        return None
    try:
        return bulletin_queries.to_read(requests.session(), requests.actor(), int(found[1]), now=requests.now())
    except NotFoundError:
        return None


def _card(key: str, args: DeskArgs) -> Card:
    """Return the card of the entry *key* on the desk that *args* describe.

    Raises:
        NotFoundError: there is none that the person may read.
    """
    session, actor, now = requests.session(), requests.actor(), requests.now()
    entry, revision = entry_queries.readable_revision(session, actor, key, now=now)
    valid = entry_queries.valid_at(revision, now)
    served = entry.live_state in SERVED and revision.id == entry.live_revision_id and valid
    titles = entry_queries.titles(session, actor, revision.related, now=now) if revision.related else {}
    return Card(
        entry=entry,
        revision=revision,
        served=served,
        tally=desk_queries.tallies(session, [entry.id]).get(entry.id),
        related={key: titles[key] for key in revision.related if key in titles},
        asks=served and allowed(actor, Permission.OUTCOME_RECORD, entry.target()),
        outcome=desk_queries.outcome_of(session, entry, requests.person().id, service.today()),
        reasons=list(Reason),
        corrects=entry.live_revision is not None and allowed(actor, Permission.CORRECTION_REPORT, entry.target()),
        underway=correction_queries.underway(session, entry.id),
        here=here(entry, args.scope.region),
        escalates=licence_queries.should_escalate(
            session,
            actor,
            tier=revision.tier_key,
            module=revision.module_key,
            tiers=list(requests.taxonomy().tiers),
            now=now,
        ),
    )
