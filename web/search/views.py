"""The search page: the first page, browsing a module, and results."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from indexer.documents import Source
from indexer.explanation import KIND_LABELS
from kb.desk.models import Door
from kb.entries import queries as entry_queries
from kb.entries.content import Kind
from kb.errors import NotFoundError
from kb.forum import queries as forum_queries
from kb.forum.models import ThreadKind
from kb.permissions import Permission, require
from kb.taxonomy.queries import Term
from web import requests
from web.search import service
from web.search.facets import facets, module_counts, regions_in_order
from web.search.params import PAGE_SIZE, SearchArgs, parse
from web.search.presenters import Pages, WaysOn

blueprint = Blueprint("search", __name__)

LATEST = 6
"""Entries and threads on the first page."""

EXAMPLES = ("盒子亮红灯上不了网", "这个月话费怎么多了", "电视没信号", "卡掉了要补一张")
"""Customers' words to try, on the first page. Customers speak Chinese whatever the page's language."""


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """Show results if there is something to look for, else what a module holds, else the first page."""
    args = parse(request.args, requests.taxonomy())
    if args.q:
        return _results(args)
    if args.module is not None and args.source is Source.ENTRY:
        return _browse(args, args.module)
    return _home()


@blueprint.get("/search/why")
def why() -> ResponseReturnValue:
    """Show why a search comes out as it does, and where one entry came out."""
    require(requests.actor(), Permission.SEARCH_EXPLAIN)
    args = parse(request.args, requests.taxonomy())
    compare = request.args.get("compare", "").strip().rstrip("/").rpartition("/")[2]
    problem, reasons = None, None
    if args.q:
        try:
            reasons = service.explain(args, compare=compare or None)
        except NotFoundError as error:
            problem, reasons = error, service.explain(args)
    return render_template(
        "search/why.html", args=args, reasons=reasons, compare=compare, problem=problem, kinds=KIND_LABELS
    )


def _results(args: SearchArgs) -> str:
    results = service.run(args, limit=PAGE_SIZE, offset=args.offset)
    ways_on = _ways_on(args) if not results.answered else None
    unanswered = ways_on is not None and not ways_on.unfiltered
    gap = args.page == 1 and service.note(args, results, Door.PAGE, unanswered=unanswered)
    taxonomy = requests.taxonomy()
    return render_template(
        "search/results.html",
        args=args,
        results=results,
        pages=Pages.of(results.total, args.page),
        modules=module_counts(taxonomy.modules, results.facets.get("module", {})),
        regions=regions_in_order(taxonomy),
        own_region=_own_region(),
        kinds=list(Kind if args.source is Source.ENTRY else ThreadKind),
        facets=facets(args, results, taxonomy),
        ways_on=ways_on,
        gap_recorded=gap,
    )


def _own_region() -> Term | None:
    """Return where the person works, unless that is the whole province: narrowing to it would leave everything."""
    region = requests.taxonomy().regions.get(requests.person().region_key or "")
    return region if region is not None and region.parent is not None else None


def _ways_on(args: SearchArgs) -> WaysOn:
    unfiltered = args.without_filters()
    other = unfiltered.in_source(Source.THREAD if args.source is Source.ENTRY else Source.ENTRY)
    return WaysOn(
        unfiltered=service.run(unfiltered, limit=1).total if args.narrowing else None,
        elsewhere=service.run(other, limit=1).total,
        other=other,
        other_regions=args.narrowing.keys() == {"region"},
    )


def _browse(args: SearchArgs, module: str) -> str:
    session, actor, now = requests.session(), requests.actor(), requests.now()
    modules = requests.taxonomy().modules
    counts = entry_queries.count_by_module(session, actor, now=now)
    wanted = modules.below([module])
    return render_template(
        "search/browse.html",
        args=args,
        module=module,
        modules=module_counts(modules, counts, empty=True),
        total=sum(counts.get(key, 0) for key in wanted),
        pages=Pages.of(sum(counts.get(key, 0) for key in wanted), args.page),
        entries=entry_queries.served_to(session, actor, now=now, modules=wanted, limit=PAGE_SIZE, offset=args.offset),
    )


def _home() -> str:
    session, actor, now = requests.session(), requests.actor(), requests.now()
    counts = entry_queries.count_by_module(session, actor, now=now)
    return render_template(
        "search/home.html",
        args=SearchArgs(),
        examples=EXAMPLES,
        modules=module_counts(requests.taxonomy().modules, counts, empty=True),
        total=sum(counts.values()),
        entries=entry_queries.served_to(session, actor, now=now, limit=LATEST),
        threads=forum_queries.page(session, limit=LATEST),
    )
