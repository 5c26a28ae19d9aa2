"""What the hostile strings have to reach: every address that shows a page, every column that takes a free text."""

from collections.abc import Iterable

from flask import Flask
from sqlalchemy import JSON, Column, Enum, String, select
from sqlalchemy.orm import Session

from kb.db import Base

SILENT = frozenset(
    {"static", "bootstrap.static", "ops.alive", "ops.ready", "ops.metrics", "auth.password"}
    | {"guide.template_csv_file", "guide.template_xlsx_file", "exams.results_file", "maturity.report_file"}
    | {"attachments.show", "importing.picture", "lexicon.index", "bulletins.stream", "corrections.duty"}
    | {"api.search", "calls.show", "forum.names", "forum.similar", "notices.unread", "suggest.index", "suggest.entries"}
    | {"notices.address"}  # shows an address in ASCII out of a token that was signed, and nothing else that is given
)
"""Addresses that are no page: files (served as ``tests/web/attachments`` says), data for programs, signs of life,
redirections. What scripts make of data is tried while somebody types."""

HOSTILE = ("<", "ran(", "evil.example")
NAMES = frozenset(
    {"key", "digest", "spelling", "state", "kind", "regions", "teams", "products", "audience", "related", "entries"}
    | {"entry_keys", "people", "seed", "fingerprint", "username", "password_hash", "locale", "verb", "page"}
)
"""Names of columns that hold no text of a person's, in whatever table."""
NO_TEXTS = frozenset(
    {"call_weeks.by", "event_cursors.name", "search_records.door", "search_records.top", "imports.cuts"}
    | {"events.subject_id", "notices.subject_id", "lexicon_pins.query_key", "learned_wordings.origin"}
    | {"entries.derived_from", "entry_sources.source", "threads.derived_from", "threads.merged_into"}
    | {"working_copies.source", "letters.confirms"}
    | {"exams.sections", "study_scopes.modules", "level_changes.reasons", "maturity_standings.standard"}
    | {"maturity_flags.entry_ids", "maturity_flags.user_ids", "maturity_flags.facts", "calls.reference"}
    | {"corrections.token", "exam_attempt_questions.answer", "questions.right", "study_answers.given", "remarks.part"}
)
UNSEEN = frozenset(
    {"api_tokens.label", "letters.problem", "calls.cti", "calls.ticket", "search_records.text"}  # on no page
    | {"lexicon_switched_off.line", "lexicon_dismissals.text", "imports.alike"}  # what others wrote, said again
    | {"lexicon_synonyms.line", "lexicon_synonyms.said", "lexicon_synonyms.ours", "lexicon_words.text"}  # words only
    | {"lexicon_pins.query", "lexicon_words.part_of_speech", "search_summaries.text", "call_steps.text"}
)
"""Columns of texts that are on no page, that say again what stands elsewhere, or that take nothing but words."""


def pages_left_out(app: Flask, addresses: Iterable[str]) -> set[str]:
    """Return which of *app*'s pages none of *addresses* leads to."""
    adapter = app.url_map.bind("localhost")
    seen = {adapter.match(address.partition("?")[0], method="GET")[0] for address in addresses}
    there = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    return there - seen - SILENT


def columns_left_out(session: Session) -> set[str]:
    """Return the columns of free text in which no hostile string stands."""
    texts = [column for table in Base.metadata.sorted_tables for column in table.columns if _is_text(column)]
    return {f"{column.table.name}.{column.name}" for column in texts if not _is_hostile(session, column)}


def _is_text(column: Column[object]) -> bool:
    name = f"{column.table.name}.{column.name}"
    free = isinstance(column.type, String | JSON) and not isinstance(column.type, Enum) and not column.foreign_keys
    coded = column.name in NAMES or column.name.endswith("_key")
    return free and not coded and name not in NO_TEXTS | UNSEEN


def _is_hostile(session: Session, column: Column[object]) -> bool:
    return any(sign in str(value) for value in session.scalars(select(column).distinct()) for sign in HOSTILE)
