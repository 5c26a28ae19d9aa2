"""Tables of attachments: what was uploaded, and what it hangs on. The bytes are ``store``'s."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from kb.attachments.rules import KEY_SIZE, MAX_NAME, FileKind
from kb.db import Base, enum_type
from kb.events.models import Subject


class Attachment(Base):
    """A file that somebody uploaded.

    Attributes:
        key: public name, random: it can't be guessed.
        digest: SHA-256 of the bytes, in hex; equal files are stored once.
        name: what it is called when saved, made safe.
        kind: by its content, whatever its name said.
        size: bytes as stored.
    """

    __tablename__ = "attachments"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(KEY_SIZE), unique=True)
    digest: Mapped[str] = mapped_column(String(64), index=True)
    name: Mapped[str] = mapped_column(String(MAX_NAME))
    kind: Mapped[FileKind] = mapped_column(enum_type(FileKind))
    size: Mapped[int]
    uploader_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]


class Use(Base):
    """That something refers to an attachment: whoever may read one of its uses may read the file.

    Attributes:
        subject_kind, subject_id: a thread or an entry, by its row.
    """

    __tablename__ = "attachment_uses"

    attachment_id: Mapped[int] = mapped_column(ForeignKey("attachments.id"), primary_key=True)
    subject_kind: Mapped[Subject] = mapped_column(enum_type(Subject), primary_key=True)
    subject_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
