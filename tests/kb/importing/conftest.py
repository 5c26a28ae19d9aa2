"""An import desk for tests: a taxonomy to read by, and an installation to import into."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from kb.db import make_engine, make_sessions
from kb.entries import queries as entry_queries
from kb.entries.models import Entry
from kb.events import queries as event_queries
from kb.forum import queries as forum_queries
from kb.forum.models import Thread
from kb.importing import sources
from kb.importing.fields import Context
from kb.importing.operations import import_records
from kb.importing.records import Rejected, Where
from kb.importing.report import Report
from kb.people.models import User
from kb.permissions import SYSTEM, Actor
from kb.taxonomy import queries as taxonomy_queries
from kb.taxonomy.queries import Taxonomy
from tests.support.installation import Installation, settings_for

TIMEZONE = "Asia/Shanghai"
HERE = Where("test", 1)

ROW: Mapping[str, str] = {
    "编号": "los-red",
    "标题": "光猫 LOS 红灯",
    "类型": "标准问答",
    "业务模块": "宽带故障",
    "层级": "首层",
    "一句话答案": "先插紧尾纤再重启光猫，仍红就报装维。",
}
"""The least that makes an entry, as somebody fills in a spreadsheet."""

PAGE = """\
---
id: los-red
title: 光猫 LOS 红灯
kind: faq
module: fault.broadband
tier: first
answer: 先插紧尾纤再重启光猫，仍红就报装维。
---
## 话术
您好，这个红灯表示光纤信号断了。
"""

THREAD_PAGE = """\
---
id: after-rain
title: 下雨后 LOS 红灯
kind: question
module: fault.broadband
region: jiangyang
author: agent
created: 2026-09-12 09:41
accepted: 1
---
刚接了三个……

--- reply expert 2026-09-12 09:55
先看分光器。

--- reply 老王 2026-09-12 10:10
谢谢！
"""


@pytest.fixture(scope="session")
def taxonomy(template_home: Path) -> Taxonomy:
    engine = make_engine(settings_for(template_home).url)
    with make_sessions(engine)() as session:
        loaded = taxonomy_queries.load(session)
    engine.dispose()
    return loaded


@pytest.fixture(scope="session")
def context(taxonomy: Taxonomy) -> Context:
    return Context(taxonomy, TIMEZONE)


@dataclass
class Desk:
    """Imports files into an installation, and looks at what is there."""

    installation: Installation
    taxonomy: Taxonomy
    folder: Path

    def write(self, name: str, data: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return path

    def take(self, path: Path, actor: Actor = SYSTEM, **options: Any) -> Report:
        records = sources.read(path, self.taxonomy, TIMEZONE)
        return import_records(self.installation.sessions, actor, records, clock=self.installation.clock, **options)

    def entry(self, key: str) -> Entry:
        with self.installation.sessions() as session:
            entry = entry_queries.by_key(session, key)
        assert entry is not None
        return entry

    def owner(self, key: str) -> str | None:
        with self.installation.sessions() as session:
            owner_id = self.entry(key).owner_id
            return session.get_one(User, owner_id).username if owner_id is not None else None

    def has_entry(self, key: str) -> bool:
        with self.installation.sessions() as session:
            return entry_queries.by_key(session, key) is not None

    def thread(self, key: str) -> Thread:
        with self.installation.sessions() as session:
            thread = forum_queries.by_key(session, key)
        assert thread is not None
        return thread

    def revisions(self, key: str) -> int:
        with self.installation.sessions() as session:
            return len(entry_queries.revisions(session, self.entry(key)))

    def events(self) -> int:
        with self.installation.sessions() as session:
            return event_queries.last_seq(session)


@pytest.fixture
def desk(installation: Installation, taxonomy: Taxonomy, tmp_path: Path) -> Desk:
    return Desk(installation, taxonomy, tmp_path / "incoming")


def row(**changes: str) -> dict[str, str]:
    """Return a row with *changes*; an empty value leaves the cell empty."""
    return {**ROW, **changes}


def csv_text(rows: Sequence[Mapping[str, str]], delimiter: str = ",") -> str:
    header = list(dict.fromkeys(name for one in rows for name in one))
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerows([header, *([one.get(name, "") for name in header] for one in rows)])
    return text.getvalue()


def xlsx(rows: Sequence[Sequence[Any]]) -> bytes:
    book = Workbook()
    for number, cells in enumerate(rows, start=1):
        for column, value in enumerate(cells, start=1):
            if value is not None:
                book.worksheets[0].cell(number, column, value)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def refusals(records: Sequence[Any]) -> list[tuple[str, str | None, str]]:
    """Return place, field and reason of what was rejected."""
    return [(str(item.where), item.field, str(item.error)) for item in records if isinstance(item, Rejected)]


def keys(records: Sequence[Any]) -> list[str]:
    """Return the ids of what was not."""
    return [item.key for item in records if not isinstance(item, Rejected)]
