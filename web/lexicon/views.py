"""The lexicon's pages: three lists, a form with a preview, shipped words switched off and on, proposals."""

from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from indexer import mining
from indexer.engine import Filters, Hit, IndexNotReadyError
from indexer.lexicon import LiveLexicon
from indexer.mining import Proposal
from kb.errors import ConflictError, InvalidInputError, NotFoundError
from kb.i18n import N_
from kb.lexicon import operations, queries
from kb.lexicon.models import Direction, Kept, PartOfSpeech, Pin, WordList
from kb.lexicon.rules import WordFacts
from kb.people import queries as people_queries
from kb.permissions import Permission, require
from web import requests
from web.lexicon import sample
from web.lexicon.forms import Form
from web.lexicon.presenters import changes, shipped
from web.lexicon.previews import Tried, attempt
from web.lexicon.tabs import TABS, Tab, find
from web.requests import writing
from web.search.params import MAX_PAGE, PAGE_SIZE, whole_number
from web.search.presenters import Pages
from web.services import services

blueprint = Blueprint("lexicon", __name__)

MAX_CONTAINING = 50
CANDIDATES = 7
"""Results offered to be pinned."""


@blueprint.before_request
def _managers_only() -> None:
    require(requests.actor(), Permission.LEXICON_MANAGE)


@blueprint.get("/lexicon")
def index() -> ResponseReturnValue:
    """Lead to the first list."""
    return redirect(url_for("lexicon.show", slug="synonyms"))


@blueprint.get("/lexicon/<slug>")
def show(slug: str) -> ResponseReturnValue:
    """Show one of the lists: the centre's own rows, what is shipped, who changed what, proposals."""
    tab, session = find(slug), requests.session()
    containing = " ".join(request.args.get("in", "").split())[:MAX_CONTAINING]
    page = whole_number(request.args, "page", default=1, low=1, high=MAX_PAGE)
    total, rows = tab.page(session, containing, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE)
    changed = changes(session, tab.word_list)
    return render_template(
        "lexicon/show.html",
        tab=tab,
        tabs=list(TABS.values()),
        containing=containing,
        total=total,
        pages=Pages.of(total, page),
        rows=rows,
        now=requests.now(),
        shipped=shipped(_lexicon().files, queries.switched_off(session), tab.word_list, containing),
        changes=changed,
        people=people_queries.bylines(session, [*(row.changed_by_id for row in rows), *(item.by for item in changed)]),
        **(_proposals() if tab.word_list is WordList.WORD else {}),
    )


@blueprint.get("/lexicon/<slug>/new")
def new(slug: str) -> ResponseReturnValue:
    """Show the form for a new row, filled with what the address says."""
    return _form(find(slug), request.args)


@blueprint.post("/lexicon/<slug>/new")
def add(slug: str) -> ResponseReturnValue:
    """Add a row, or show what adding it would change."""
    tab, form = find(slug), request.form
    return _submit(tab, form, lambda unit, facts: tab.add(unit, requests.actor(), facts, now=requests.now()))


@blueprint.get("/lexicon/<slug>/<row>")
def edit(slug: str, row: str) -> ResponseReturnValue:
    """Show the form of a row."""
    tab = find(slug)
    held = _row(tab, row)
    return _form(tab, tab.values(held, _zone()), row=row, version=held.version)


@blueprint.post("/lexicon/<slug>/<row>")
def revise(slug: str, row: str) -> ResponseReturnValue:
    """Change a row or remove it, or show what that would change."""
    tab, form, actor, now = find(slug), request.form, requests.actor(), requests.now()
    id_, version = _number(row), whole_number(form, "version", default=0, low=0, high=999_999_999)
    if form.get("step") == "remove":
        with writing() as unit:
            operations.remove(unit, actor, tab.model, id_, version=version, now=now)
        return _done(tab, gettext("删掉了。"))
    return _submit(
        tab,
        form,
        lambda unit, facts: tab.revise(unit, actor, id_, facts, version=version, now=now),
        row=row,
        version=version,
    )


@blueprint.post("/lexicon/<slug>/shipped")
def switch(slug: str) -> ResponseReturnValue:
    """Switch a shipped line off or on."""
    tab, line, on = find(slug), request.form.get("line", ""), request.form.get("on") == "1"
    everything = shipped(_lexicon().files, (), tab.word_list, line).lines
    if line not in {item.line for item in everything}:
        raise InvalidInputError(N_("自带词典里没有这一行"), field="line")
    with writing() as unit:
        operations.switch(unit, requests.actor(), tab.word_list, line, on=on, now=requests.now())
    return _done(tab, gettext("恢复了。") if on else gettext("停用了。"), containing=request.form.get("in", ""))


@blueprint.post("/lexicon/words/proposals")
def judge() -> ResponseReturnValue:
    """Take a proposed word into the dictionary, or never propose it again."""
    text, accepted = request.form.get("text", ""), request.form.get("verdict") == "accept"
    with writing() as unit:
        if accepted:
            operations.add_word(unit, requests.actor(), WordFacts(text=text), now=requests.now())
        else:
            operations.dismiss(unit, requests.actor(), text, now=requests.now())
    verdict = gettext("收了“%(text)s”。", text=text) if accepted else gettext("不收“%(text)s”，不会再提。", text=text)
    return _done(TABS["words"], verdict, anchor="proposals")


def _submit(tab: Tab, form: Form, change: Tried, *, row: str | None = None, version: int = 0) -> ResponseReturnValue:
    """Do *change*, or with the step ``preview`` show what it would do."""
    try:
        facts = tab.facts(form, _zone())
        if form.get("step") == "preview":
            preview = attempt(_lexicon(), lambda unit: change(unit, facts))
            return _form(tab, form, row=row, version=version, preview=preview)
        with writing() as unit:
            change(unit, facts)
    except InvalidInputError as problem:
        return _form(tab, form, row=row, version=version, problem=problem), 400
    except ConflictError as problem:
        return _form(tab, form, row=row, version=version, problem=problem), 409
    return _done(tab, gettext("存好了，下一次搜索就起作用。"))


def _done(tab: Tab, text: str, *, containing: str = "", anchor: str | None = None) -> ResponseReturnValue:
    """Take the change over in this process at once, so that whoever made it sees it work; say so, show the list."""
    _lexicon().refresh(requests.session())
    flash(text)
    values: dict[str, Any] = {"in": containing} if containing else {}  # a word of Python's own
    return redirect(url_for("lexicon.show", slug=tab.slug, _anchor=anchor, **values))


def _form(
    tab: Tab,
    values: Form,
    *,
    row: str | None = None,
    version: int = 0,
    preview: object = None,
    problem: InvalidInputError | ConflictError | None = None,
) -> str:
    return render_template(
        "lexicon/form.html",
        tab=tab,
        values=values,
        row=row,
        version=version,
        preview=preview,
        problem=problem,
        directions=list(Direction),
        parts_of_speech=list(PartOfSpeech),
        candidates=_candidates(values.get("query", "")) if tab.word_list is WordList.PIN else (),
        timezone=services().settings.timezone,
    )


def _candidates(question: str) -> tuple[Hit, ...]:
    """Return what *question* finds now; nothing while there is no index, since the entry's number can be typed too."""
    try:
        results = services().search.run(
            requests.session(), requests.actor(), question, Filters(), now=requests.now(), limit=CANDIDATES
        )
    except IndexNotReadyError:
        return ()
    return results.hits


def _proposals() -> dict[str, object]:
    session, lexicon = requests.session(), _lexicon()
    analysis = lexicon.current(session).analysis
    questions = sample.take(
        session, requests.actor(), services().recent_queries, now=requests.now(), limit=sample.MINED
    )
    proposals: list[Proposal] = mining.propose(
        analysis.segmenter, analysis.dictionary, questions.questions, unwanted=queries.dismissed(session)
    )
    return {"proposals": proposals, "mined": questions}


def _row(tab: Tab, row: str) -> Kept:
    """Return the row, a pin with its entry.

    Raises:
        NotFoundError: there is none.
    """
    options = queries.WITH_ENTRY if tab.model is Pin else ()
    found = requests.session().get(tab.model, _number(row), options=options)
    if found is None:
        raise NotFoundError(N_("这一行已经被别人删掉了"))
    return found


def _number(row: str) -> int:
    if not (row.isascii() and row.isdigit() and len(row) <= 9):
        raise NotFoundError(N_("没有这个页面"))
    return int(row)


def _zone() -> ZoneInfo:
    return ZoneInfo(services().settings.timezone)


def _lexicon() -> LiveLexicon:
    """Return the words in force.

    Raises:
        AssertionError: the application was given a search without any; ``open_search`` never makes one.
    """
    lexicon = services().search.lexicon
    if lexicon is None:
        raise AssertionError("this search has no lexicon")
    return lexicon
