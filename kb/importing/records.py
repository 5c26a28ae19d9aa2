"""What an import is made of: records, as values, and what could not become one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kb.entries.content import FRESHNESS_LABELS, KIND_LABELS, Content, Freshness, problems
from kb.entries.rules import STATE_LABELS, State
from kb.errors import InvalidInputError, KbError
from kb.forum.models import THREAD_KIND_LABELS, ThreadKind
from kb.i18n import N_
from kb.importing import columns
from kb.importing.fields import BETWEEN_SENTENCES, Context, Fields
from kb.permissions import ROLE_LABELS

MAX_AUTHOR = 80

NO_MODULE = N_("没有这个业务模块：%(key)s")
NO_TIER = N_("没有这个层级：%(key)s")
NO_PRODUCT = N_("没有这个产品：%(key)s")
NO_REGION = N_("没有这个区域：%(key)s")

IMPORTED_STATES: Mapping[State, str] = {state: STATE_LABELS[state] for state in (State.PUBLISHED, State.DRAFT)}


@dataclass(frozen=True, slots=True)
class Where:
    """A place in what is imported: the file, from the folder that was given, and a line or spreadsheet row from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRecord:
    """An entry as a file has it.

    Attributes:
        key: becomes the entry's key; what a second import finds it by.
        owner: a username that may or may not exist here.
        state: ``PUBLISHED`` or ``DRAFT``.
        raw: the fields as they were written, for handing back.
    """

    where: Where
    key: str
    content: Content
    owner: str | None
    derived_from: str | None
    state: State
    raw: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PostRecord:
    """A thread's first post or a reply; *author* is a username that may or may not exist here."""

    author: str
    created: datetime
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadRecord:
    """A thread as a file has it; *posts* starts with the first post, *accepted* is the number of a reply."""

    where: Where
    key: str
    title: str
    kind: ThreadKind
    module: str
    region: str | None
    posts: tuple[PostRecord, ...]
    accepted: int | None
    raw: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rejected:
    """Something that could not be taken, and why.

    Attributes:
        field: the column that is wrong; ``None`` if it is not about one.
        raw: the fields as they were written; ``None`` if the file could not be taken apart into fields.
    """

    where: Where
    field: str | None
    error: KbError
    raw: Mapping[str, Any] | None = None


Record = EntryRecord | ThreadRecord
Records = Iterator[Record | Rejected]


class FormatError(InvalidInputError):
    """A file is not written as its type demands; *line* counts from 1."""

    def __init__(self, message: str, *, line: int, field: str | None = None, **params: object) -> None:
        super().__init__(message, field=field, **params)
        self.line = line


def interpret(raw: Mapping[str, Any], where: Where, context: Context) -> Record | Rejected:
    """Return the record that *raw* describes, an entry unless its ``type`` says thread, or why it can't be taken."""
    try:
        kind = raw.get(columns.TYPE, "entry")
        if kind not in ("entry", "thread"):
            raise InvalidInputError(N_("type 要写 entry 或 thread"), field=columns.TYPE)
        return thread_record(raw, where, context) if kind == "thread" else entry_record(raw, where, context)
    except InvalidInputError as error:
        return Rejected(where, error.field, error, raw)


def entry_record(raw: Mapping[str, Any], where: Where, context: Context) -> EntryRecord:
    """Return the entry that *raw* describes: names as in ``columns.ENTRY``, keys or their names as values.

    Raises:
        InvalidInputError: an unknown field, or a value that can't be taken, with the field's name.
    """
    fields = Fields.of(raw, columns.ENTRY, context)
    taxonomy = context.taxonomy
    record = EntryRecord(
        where=where,
        key=fields.key("id"),
        content=Content(
            title=fields.filled("title"),
            kind=fields.choice("kind", KIND_LABELS),
            module_key=fields.term("module", taxonomy.modules, NO_MODULE),
            tier_key=fields.term("tier", taxonomy.tiers, NO_TIER),
            products=fields.terms("products", taxonomy.products, NO_PRODUCT),
            regions=fields.terms("regions", taxonomy.regions, NO_REGION),
            freshness=fields.choice("freshness", FRESHNESS_LABELS, Freshness.EVERGREEN),
            answer=fields.filled("answer"),
            wordings=fields.items("wordings", BETWEEN_SENTENCES),
            script=fields.text("script"),
            steps=fields.text("steps"),
            internal_note=fields.text("internal_note"),
            exceptions=fields.text("exceptions"),
            fees=fields.text("fees"),
            deadlines=fields.text("deadlines"),
            transfer_to=fields.text("transfer_to"),
            body=fields.text("body"),
            valid_from=fields.moment("valid_from"),
            valid_until=fields.moment("valid_until", day_end=True),
            review_due=fields.day("review_due"),
            audience=fields.choices("audience", ROLE_LABELS),
            related=fields.items("related"),
        ),
        owner=fields.line("owner") or None,
        derived_from=fields.reference("derived_from"),
        state=fields.choice("state", IMPORTED_STATES, State.PUBLISHED),
        raw=raw,
    )
    for problem in problems(record.content, taxonomy):
        raise problem
    return record


def thread_record(raw: Mapping[str, Any], where: Where, context: Context) -> ThreadRecord:
    """Return the thread that *raw* describes: names as in ``columns.THREAD``.

    Raises:
        InvalidInputError: an unknown field, or a value that can't be taken, with the field's name
            (``replies.2`` for the second reply).
    """
    fields = Fields.of(raw, columns.THREAD, context)
    taxonomy = context.taxonomy
    region = fields.term("region", taxonomy.regions, NO_REGION) if fields.line("region") else None
    replies = fields.values.get("replies") or []
    if not isinstance(replies, list) or not all(isinstance(reply, Mapping) for reply in replies):
        raise InvalidInputError(N_("回复要写成一列 author、created、body"), field="replies")
    return ThreadRecord(
        where=where,
        key=fields.key("id"),
        title=fields.filled("title"),
        kind=fields.choice("kind", THREAD_KIND_LABELS),
        module=fields.term("module", taxonomy.modules, NO_MODULE),
        region=region,
        posts=(_post(fields), *(_reply(reply, number, context) for number, reply in enumerate(replies, start=1))),
        accepted=fields.number("accepted"),
        raw=raw,
    )


def _reply(raw: Mapping[str, Any], number: int, context: Context) -> PostRecord:
    parts = [column for column in columns.THREAD if column.name in ("author", "created", "body")]
    try:
        return _post(Fields.of(raw, parts, context))
    except InvalidInputError as error:
        raise InvalidInputError(
            N_("第 %(number)s 条回复：%(reason)s"), field=f"replies.{number}", number=number, reason=error
        ) from error


def _post(fields: Fields) -> PostRecord:
    author = fields.filled("author")
    if len(author) > MAX_AUTHOR:
        raise InvalidInputError(N_("作者最多 %(max)s 个字"), field="author", max=MAX_AUTHOR)
    created = fields.moment("created")
    body = fields.text("body")
    if created is None:
        raise InvalidInputError(N_("没有写时间"), field="created")
    if not body:
        raise InvalidInputError(N_("正文不能为空"), field="body")
    return PostRecord(author=author, created=created, body=body)
