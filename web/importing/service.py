"""What the pages of imports share: reading an upload, and looking for what is there already."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from werkzeug.datastructures import FileStorage

from indexer import alike
from indexer.alike import Alike
from indexer.engine import IndexNotReadyError
from kb.documents import drafting, operations, rules
from kb.documents.document import Document
from kb.documents.drafting import Choice
from kb.documents.models import Import
from kb.documents.pictures import Pictures
from kb.documents.reading.errors import UnreadableError
from kb.documents.reading.process import read_apart
from kb.documents.rules import Part
from kb.entries.content import Kind
from kb.i18n import N_
from web import requests
from web.requests import writing
from web.services import services

_ANY = Choice(kind=Kind.ARTICLE, module_key="", tier_key="")


def pictures() -> Pictures:
    """Return where the pictures of documents are kept."""
    return Pictures(services().settings.pictures_path)


def receive(upload: FileStorage | None) -> int:
    """Read *upload*, keep what was understood, and return the import's number.

    The database is not held while the file is read.

    Raises:
        UnreadableError: there is no file, or it can't be taken.
    """
    if upload is None or not upload.filename:
        raise UnreadableError(N_("请选一个文件"))
    with upload.stream as file:
        data = file.read()
    requests.end_reading()
    document = read_apart(data, upload.filename, pictures())
    with writing() as unit:
        made = operations.receive(
            unit,
            requests.actor(),
            document,
            name=upload.filename,
            digest=hashlib.sha256(data).hexdigest(),
            now=requests.now(),
        )
        return made.id


def parts_of(found: Import) -> tuple[Document, Sequence[Part]]:
    """Return the document of *found*, and its parts as they are cut now."""
    document = Document.of_json(found.document)
    return document, rules.parts(document.sections, found.cuts)


def alike_to(found: Import, parts: Iterable[Part]) -> Mapping[str, Sequence[Alike]]:
    """Return what *parts* are like that there is already, by the proposed titles; found once and kept.

    Without an index nothing is found, and it is looked for again the next time.
    """
    known = {title: [Alike(*item) for item in items] for title, items in found.alike.items()}
    new: dict[str, Sequence[Alike]] = {}
    session, actor, now = requests.session(), requests.actor(), requests.now()
    try:
        for part in parts:
            title = drafting.title_of(part)
            if part.is_empty or not title or title in known or title in new:
                continue
            answer = drafting.content_of(part, title, _ANY).answer
            new[title] = alike.find(
                services().search, session, actor, title, "" if answer == drafting.NO_ANSWER else answer, now=now
            )
    except IndexNotReadyError:
        return known
    if new:
        kept = {title: [[item.key, item.title, item.value] for item in items] for title, items in new.items()}
        with writing() as unit:
            operations.note_alike(unit, actor, found.id, kept)
    return {**known, **new}
