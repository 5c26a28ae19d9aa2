"""A thread as its page shows it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from markupsafe import Markup
from sqlalchemy.orm import Session

from kb.forum import editing, mentions, queries, reading
from kb.forum.models import FIRST_POST, Mark, Reply, Thread, ThreadState
from kb.forum.rules import mentions as calls
from kb.markup import render
from kb.permissions import Actor, Permission, allowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A thread's own text or a reply.

    Attributes:
        votes: how many found it useful; ``voted`` whether this person is among them.
        is_new: whether this person has not seen it yet.
        hidden_reason: why it is shown to nobody but moderators and who wrote it.
        edited_at: when its author last changed it.
        voted_before: how many of the votes are for what it said before that.
        accepted_before: whether it was accepted before that.
        may_edit: whether this person may change it now.
    """

    number: int
    author_id: int | None
    author_name: str | None
    at: datetime
    html: Markup
    votes: int
    voted: bool
    may_vote: bool
    is_new: bool = False
    is_accepted: bool = False
    hidden_reason: str | None = None
    edited_at: datetime | None = None
    voted_before: int = 0
    accepted_before: bool = False
    may_edit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadPage:
    """A thread, its posts, and what this person may do with them."""

    thread: Thread
    first: Post
    replies: Sequence[Post]
    accepted: Post | None
    merged: Sequence[Thread]
    follows: bool
    may_reply: bool
    may_accept: bool
    may_moderate: bool
    may_close: bool
    may_draft: bool

    @property
    def people(self) -> Collection[int | None]:
        """Return the ids of everybody who wrote in it."""
        return {self.thread.author_id, *(post.author_id for post in self.replies)}

    @property
    def first_new(self) -> Post | None:
        """Return the first reply that this person has not seen, where there are older ones."""
        new = next((post for post in self.replies if post.is_new), None)
        return None if new is None or new is self.replies[0] else new

    @property
    def last_number(self) -> int:
        """Return the number of the last post."""
        return self.replies[-1].number if self.replies else FIRST_POST


def page_of(session: Session, actor: Actor, thread: Thread) -> ThreadPage:
    """Return *thread* as *actor* sees it. Four statements at most."""
    moderates = allowed(actor, Permission.THREAD_MODERATE, thread.target)
    shown = [
        item
        for item in thread.replies
        if item.hidden_reason is None or moderates or (actor.user_id is not None and item.author_id == actor.user_id)
    ]
    known = mentions.known(session, [thread.body, *(item.body for item in shown)])
    votes = reading.votes(session, thread)
    mark = reading.mark_of(session, actor, thread)
    writes = allowed(actor, Permission.THREAD_WRITE)

    def post(number: int, item: Thread | Reply) -> Post:
        voters = votes.get(number, {})
        own = item.author_id is not None and item.author_id == actor.user_id
        hidden = item.hidden_reason if isinstance(item, Reply) else None
        accepted = number != FIRST_POST and number == thread.accepted_number
        edited = item.edited_at
        return Post(
            number=number,
            author_id=item.author_id,
            author_name=item.author_name,
            at=item.created_at,
            html=html_of(item.body, known),
            votes=len(voters),
            voted=actor.user_id in voters,
            may_vote=writes and not own and hidden is None,
            is_new=_is_new(mark, number) and not own,
            is_accepted=accepted,
            hidden_reason=hidden,
            edited_at=edited,
            voted_before=0 if edited is None else sum(at < edited for at in voters.values()),
            accepted_before=accepted
            and edited is not None
            and thread.accepted_at is not None
            and thread.accepted_at < edited,
            may_edit=editing.may_edit(actor, thread, number),
        )

    replies = [post(item.number, item) for item in shown]
    is_open = thread.state is ThreadState.OPEN
    asked = actor.user_id is not None and thread.author_id == actor.user_id
    return ThreadPage(
        thread=thread,
        first=post(FIRST_POST, thread),
        replies=replies,
        accepted=next((item for item in replies if item.is_accepted), None),
        merged=queries.merged_into(session, thread.key),
        follows=mark is not None and mark.follows is True,
        may_reply=is_open and writes,
        may_accept=allowed(actor, Permission.THREAD_ACCEPT, thread.target),
        may_moderate=moderates,
        may_close=is_open and writes and (moderates or asked),
        may_draft=thread.state is not ThreadState.HIDDEN and allowed(actor, Permission.ENTRY_CREATE),
    )


def html_of(body: str, known: Mapping[str, Sequence[int]]) -> Markup:
    """Return *body* (Markdown) as HTML, the people it calls linked to their pages."""
    parts: list[str] = []
    end = 0
    for mention in calls(body, known):
        name = body[mention.start : mention.end].replace("_", r"\_")
        parts += [body[end : mention.start], f"[{name}]({url_for('people.show', number=mention.user_id)})"]
        end = mention.end
    return render("".join([*parts, body[end:]]))


def _is_new(mark: Mark | None, number: int) -> bool:
    """Return whether the person who keeps *mark* has seen the thread, but not this post."""
    return mark is not None and mark.read_number is not None and number > mark.read_number
