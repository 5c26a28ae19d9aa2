"""Tables of documents that are being looked at, and what became of their parts."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from kb.db import Base, PortableJSON, enum_type
from kb.documents.document import Format
from kb.entries.models import Entry


class Import(Base):
    """A document that somebody uploaded (导入): what was understood, and where it is cut.

    Attributes:
        name: the file's.
        digest: SHA-256 of the file, in hex: by it a second upload is known.
        document: see ``kb.documents.document.Document.as_json``.
        cuts: indexes of the sections that begin a part.
        alike: what the parts are like that there is already, by title: ``{title: [[key, title, likeness], …]}``.
    """

    __tablename__ = "imports"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    digest: Mapped[str] = mapped_column(String(64), index=True)
    format: Mapped[Format] = mapped_column(enum_type(Format))
    made_at: Mapped[datetime]
    document: Mapped[dict[str, Any]]
    cuts: Mapped[list[int]] = mapped_column(PortableJSON)
    alike: Mapped[dict[str, Any]]


class ImportDraft(Base):
    """That a part has become a draft. Each part does once, whoever presses the button twice.

    Attributes:
        start: index of the section that the part began with.
    """

    __tablename__ = "import_drafts"

    import_id: Mapped[int] = mapped_column(ForeignKey(Import.id), primary_key=True)
    start: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(ForeignKey(Entry.id), unique=True)
