"""Taking files that a form or a script brings."""

from collections.abc import Sequence

from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from kb.attachments import operations, rules
from kb.attachments.rules import MAX_BYTES, MAX_FILES, File
from kb.attachments.store import Store
from kb.errors import InvalidInputError
from kb.i18n import N_
from web import requests
from web.services import services


def store() -> Store:
    """Return where this installation keeps its files."""
    return Store(services().settings.files_path)


def read(files: Sequence[FileStorage]) -> list[File]:
    """Return the files that were chosen, ready to be stored. A field that was left empty brings one without a name.

    Raises:
        InvalidInputError: one of them can't be taken, or there are too many.
    """
    chosen = [file for file in files if file.filename]
    if len(chosen) > MAX_FILES:
        raise InvalidInputError(N_("一次最多上传 %(max)s 个文件"), field="file", max=MAX_FILES)
    return [rules.take(file.stream.read(MAX_BYTES + 1), file.filename or "") for file in chosen]


def keep(unit: Session, files: Sequence[File]) -> list[str]:
    """Keep *files* and return how a text refers to each."""
    kept = [operations.upload(unit, requests.actor(), store(), file, now=requests.now()) for file in files]
    return [rules.markdown(item.key, item.name, item.kind) for item in kept]


def with_files(body: str, references: Sequence[str]) -> str:
    """Return *body* with *references* to files below it."""
    return "\n\n".join([body, *references]) if references else body
