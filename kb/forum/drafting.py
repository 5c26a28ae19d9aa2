"""What a thread gives an entry to begin with: the author of the entry goes on from there."""

from collections.abc import Mapping

from kb.entries.content import MAX_ANSWER, MAX_TITLE, MAX_WORDING, Content, Freshness, Kind
from kb.forum.models import Thread, ThreadKind
from kb.markup import plain

KINDS: Mapping[ThreadKind, Kind] = {
    ThreadKind.QUESTION: Kind.FAQ,
    ThreadKind.EXPERIENCE: Kind.BEST_PRACTICE,
    ThreadKind.CASE: Kind.CASE,
}


def content_of(thread: Thread, *, tier: str) -> Content:
    """Return *thread* as the first draft of an entry: what was asked is a wording, what was accepted is the answer.

    Where nothing was accepted, the thread's own text stands for the answer.
    """
    accepted = next(
        (item for item in thread.replies if item.number == thread.accepted_number and item.hidden_reason is None), None
    )
    answer = accepted.body if accepted is not None else thread.body
    background = thread.body if accepted is not None else ""
    return Content(
        title=thread.title[:MAX_TITLE],
        kind=KINDS[thread.kind],
        module_key=thread.module_key,
        tier_key=tier,
        answer=first_sentence(answer) or thread.title,
        freshness=Freshness.FAULT if thread.module_key.partition(".")[0] == "fault" else Freshness.EVERGREEN,
        regions=() if thread.region_key is None else (thread.region_key,),
        wordings=(thread.title[:MAX_WORDING],) if thread.kind is ThreadKind.QUESTION else (),
        steps=answer,
        body=background,
    )


def first_sentence(text: str) -> str:
    """Return the first sentence of a Markdown *text* as plain text, as long as an answer may be."""
    line = next((line for line in (line.strip() for line in plain(text).splitlines()) if line), "")
    ends = [place for mark in "。！？!?" if (place := line.find(mark)) >= 0]
    return line[: min(ends) + 1 if ends else len(line)][:MAX_ANSWER].strip()
