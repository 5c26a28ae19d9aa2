"""Who knows what (专家名录), and a person's page: what they gave and what became of it."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from kb.errors import NotFoundError
from kb.forum import queries as forum_queries
from kb.i18n import N_
from kb.people import queries as people_queries
from kb.people.models import User
from kb.permissions import Permission, require
from kb.provenance import people
from web import requests
from web.search.facets import module_counts
from web.search.params import SearchArgs, parse

blueprint = Blueprint("people", __name__)

HIDDEN = 10
"""Of their own threads that are hidden, somebody is told why."""


@blueprint.get("/people")
def index() -> ResponseReturnValue:
    """Show who knows about a module, or about anything: whoever answered or published last comes first."""
    require(requests.actor(), Permission.THREAD_READ)
    session, taxonomy = requests.session(), requests.taxonomy()
    args = parse(request.args, taxonomy)
    modules = None if args.module is None else taxonomy.modules.below([args.module])
    named_for = None if modules is None or args.module is None else {*modules, *taxonomy.modules.above(args.module)}
    lines = people.directory(session, requests.actor(), modules=modules, named_for=named_for, now=requests.now())
    return render_template(
        "people/index.html",
        args=SearchArgs(),
        module=args.module,
        lines=lines,
        people=people_queries.bylines(session, [line.user_id for line in lines]),
        modules=module_counts(taxonomy.modules, {}, empty=True),
    )


@blueprint.get("/people/<int(max=999999999):number>")
def show(number: int) -> ResponseReturnValue:
    """Show what a person gave. What was hidden of theirs, and why, they see alone.

    Raises:
        NotFoundError: there is nobody of that number.
    """
    session, actor = requests.session(), requests.actor()
    user = session.get(User, number)
    if user is None:
        raise NotFoundError(N_("没有这个人"))
    own = number == actor.user_id
    return render_template(
        "people/show.html",
        args=SearchArgs(),
        who=user,
        own=own,
        given=people.given(session, actor, number, now=requests.now()),
        hidden=forum_queries.hidden_of(session, number, limit=HIDDEN) if own else (),
    )
