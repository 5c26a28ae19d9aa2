"""Changing what one wrote, and what a post said before: the author's form, and a page for everybody who reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup

from indexer.differences import Piece, compare
from kb.errors import InvalidInputError, NotFoundError, PermissionDeniedError
from kb.forum import editing, queries
from kb.forum.editing import EditedMeanwhileError, Text
from kb.forum.models import FIRST_POST, MAX_BODY, MAX_TITLE, Reply, Thread
from kb.i18n import N_
from kb.people import queries as people_queries
from kb.permissions import Permission, allowed
from web import requests
from web.forum.blueprint import blueprint
from web.forum.views import body_with_files, previewed, sent
from web.requests import takes_files, writing
from web.search.params import SearchArgs, whole_number
from web.services import services

POST = "/threads/<key>/posts/<int(max=999999):number>"
MAX_VERSION = 1_000_000


@dataclass(frozen=True, slots=True)
class Change:
    """How a post came to say what it says in one version.

    Attributes:
        title: how the thread's title changed; empty where it did not.
        body: how the text did.
    """

    text: Text
    title: Sequence[Piece]
    body: Sequence[Piece]


@blueprint.get(f"{POST}/edit")
def edit(key: str, number: int) -> ResponseReturnValue:
    """Show the form in which the author changes a post."""
    thread = _own(key, number)
    return _form(thread, number, editing.now_says(requests.session(), thread, number))


@blueprint.post(f"{POST}/edit")
@takes_files
def save(key: str, number: int) -> ResponseReturnValue:
    """Change a post. What came in between from another window is shown first, never overwritten unasked."""
    actor = requests.actor()
    shown = _own(key, number)
    title = request.form.get("title") if number == FIRST_POST else None
    version = whole_number(request.form, "version", default=0, low=0, high=MAX_VERSION)
    body = request.form.get("body", "")
    written = Text(version, title, body, requests.now())
    try:
        body = body_with_files()
        written = Text(version, title, body, requests.now())
        if "preview" in request.form:
            return _form(shown, number, written, preview=previewed(body))
        with writing() as unit:
            thread = queries.readable(unit, actor, key)
            changed = editing.edit(
                unit, actor, thread, number, body=body, title=title, version=version, now=requests.now()
            )
    except InvalidInputError as problem:
        return _form(_own(key, number), number, written, problem=problem), 400
    except EditedMeanwhileError:
        thread = _own(key, number)
        theirs = editing.now_says(requests.session(), thread, number)
        mine = Text(theirs.version, title, body, written.at)  # saved once more, it goes on from what is shown
        return _form(thread, number, mine, theirs=theirs), 409
    flash(gettext("改好了。") if changed else gettext("和原来一样，没有改。"))
    return redirect(url_for("forum.show", key=key, sent=sent(), _anchor=f"reply-{number}"))


@blueprint.get(f"{POST}/history")
def history(key: str, number: int) -> ResponseReturnValue:
    """Show what a post said before, newest change first, to everybody who may read it."""
    thread = _readable(key, number)
    texts = editing.history(requests.session(), thread, number)
    post = editing.find(thread, number)
    return render_template(
        "forum/history.html",
        args=SearchArgs(),
        thread=thread,
        number=number,
        author_id=post.author_id,
        author_name=post.author_name,
        people=people_queries.bylines(requests.session(), [post.author_id]),
        first=texts[0],
        changes=[_change(before, after) for before, after in pairwise(texts)][::-1],
    )


def _readable(key: str, number: int) -> Thread:
    """Return the thread *key*, whose post *number* the person may read.

    Raises:
        NotFoundError: there is no such post for them.
    """
    actor = requests.actor()
    thread = queries.readable(requests.session(), actor, key)
    post = next((item for item in thread.replies if item.number == number), thread if number == FIRST_POST else None)
    hidden = isinstance(post, Reply) and post.hidden_reason is not None
    own = post is not None and actor.user_id is not None and post.author_id == actor.user_id
    if post is None or (hidden and not own and not allowed(actor, Permission.THREAD_MODERATE, thread.target)):
        raise NotFoundError(N_("没有这个帖子，或者你没有权限看它"))
    return thread


def _own(key: str, number: int) -> Thread:
    """Return the thread *key*, whose post *number* the person may change now.

    Raises:
        NotFoundError: there is no such post for them.
        PermissionDeniedError: it is not theirs, or neither the thread nor the post is open any more.
    """
    thread = _readable(key, number)
    if not editing.may_edit(requests.actor(), thread, number):
        raise PermissionDeniedError(N_("只能改自己写的；关闭或隐藏以后不能再改"))
    return thread


def _form(
    thread: Thread,
    number: int,
    text: Text,
    *,
    theirs: Text | None = None,
    problem: InvalidInputError | None = None,
    preview: Markup | None = None,
) -> str:
    return render_template(
        "forum/edit.html",
        args=SearchArgs(),
        thread=thread,
        number=number,
        text=text,
        conflict=None if theirs is None else _change(theirs, text),
        problem=problem,
        preview=preview,
        max_title=MAX_TITLE,
        max_body=MAX_BODY,
    )


def _change(before: Text, after: Text) -> Change:
    cut = services().search.engine.analysis.segmenter.pieces
    title = compare(before.title or "", after.title or "", cut) if before.title != after.title else ()
    return Change(after, title, compare(before.body, after.body, cut))
