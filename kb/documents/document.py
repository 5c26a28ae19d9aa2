"""A document as it was understood: what stands under which heading. Values only, that can be written as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from kb.i18n import N_


class Format(StrEnum):
    """What a file is, by its content."""

    WORD = "docx"
    WORKBOOK = "xlsx"
    TABLE = "csv"
    PAGE = "html"
    MARKDOWN = "md"
    FOLDER = "zip"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return FORMAT_LABELS[self]


FORMAT_LABELS: Mapping[Format, str] = {
    Format.WORD: N_("Word 文档"),
    Format.WORKBOOK: N_("Excel 表格"),
    Format.TABLE: N_("CSV 表格"),
    Format.PAGE: N_("网页"),
    Format.MARKDOWN: N_("Markdown 文件"),
    Format.FOLDER: N_("压缩包"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading and what stands between it and the next one, or a row of a table.

    Attributes:
        level: 1 is the highest; 0 for what stands before the first heading.
        text: Markdown.
        fields: cells of a row, or front matter, by the name of the entry's field (``kb.importing.columns``).
    """

    level: int
    heading: str
    text: str
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that people should know about how the file was understood: a Chinese message with its parameters."""

    message: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What was understood of one file."""

    format: Format
    sections: Sequence[Section]
    remarks: Sequence[Remark] = ()

    def as_json(self) -> dict[str, Any]:
        """Return it as ``of_json`` reads it."""
        return {
            "format": self.format.value,
            "sections": [
                {"level": item.level, "heading": item.heading, "text": item.text, "fields": dict(item.fields)}
                for item in self.sections
            ],
            "remarks": [{"message": item.message, "params": dict(item.params)} for item in self.remarks],
        }

    @classmethod
    def of_json(cls, raw: Mapping[str, Any]) -> "Document":
        """Return the document that ``as_json`` wrote."""
        return cls(
            format=Format(raw["format"]),
            sections=[Section(**item) for item in raw["sections"]],
            remarks=[Remark(**item) for item in raw["remarks"]],
        )
