"""Reading an entry or a thread from a Markdown file: front matter, then sections or posts.

A file can be refused for its form (``FormatError``, with the line) or for a value in it (``InvalidInputError``; the
page says on which line each field stands).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.reader import ReaderError

from kb.i18n import N_
from kb.importing import columns
from kb.importing.records import FormatError

FENCE = "---"
REPLIES = "replies"

_SECTION = re.compile(r" {0,3}##(?!#)\s*(?P<title>.*?)\s*#*\s*")
_CODE = re.compile(r" {0,3}(?P<mark>`{3,}|~{3,})(?P<info>.*)")
_REPLY = re.compile(r"---\s*reply\b(?P<rest>.*)")


@dataclass(frozen=True, slots=True)
class Page:
    """A file taken apart: its fields as written, and the line each of them starts on."""

    raw: Mapping[str, Any]
    lines: Mapping[str, int]

    def line(self, field: str | None) -> int:
        """Return the line that *field* stands on, the first if it is nowhere."""
        return self.lines.get(field or "", 1)


def parse(data: bytes, *, stem: str, in_threads: bool) -> Page:
    """Take a file apart.

    Args:
        data: the file.
        stem: its name without the suffix, which is the id unless the front matter says another.
        in_threads: it lies in a folder for threads. A thread elsewhere is known by its ``author`` or ``created``.

    Raises:
        FormatError: not UTF-8, no front matter, not YAML, text outside the sections, a section or field twice …
    """
    lines = decode(data).split("\n")
    raw, places, start = _front_matter(lines)
    is_thread = in_threads or raw.get(columns.TYPE) == "thread"
    is_thread = is_thread or (bool({"author", "created"} & raw.keys()) and "answer" not in raw)
    if is_thread:
        raw[columns.TYPE] = "thread"
    known = columns.THREAD if is_thread else columns.ENTRY
    if not any(value and columns.canonical(name, known) == "id" for name, value in raw.items()):
        raw["id"] = stem
    parts = _posts(lines, start) if is_thread else _sections(lines, start)
    replies: list[Any] = []
    for name, value, line in parts:
        if name in raw:
            raise FormatError(N_("“%(name)s”写了两次"), line=line, field=name, name=name)
        if name == REPLIES:
            replies.append(value)
            places[f"{REPLIES}.{len(replies)}"] = line
        else:
            raw[name] = value
            places[name] = line
    if replies:
        raw[REPLIES] = replies
    for name in tuple(places):
        places.setdefault(columns.canonical(name, known) or name, places[name])
    return Page(raw, places)


def decode(data: bytes) -> str:
    """Return *data* (UTF-8, with or without a byte order mark) as text whose lines end in line feeds.

    Raises:
        FormatError: it is not UTF-8.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FormatError(N_("不是 UTF-8 编码的文字，请另存为 UTF-8 再导入"), line=line) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _front_matter(lines: Sequence[str]) -> tuple[dict[str, Any], dict[str, int], int]:
    """Return the fields, the line of each, and the index of the first line after the front matter."""
    if not lines or lines[0].rstrip() != FENCE:
        raise FormatError(N_("文件要以一行 --- 开头，接着是 id、title 等栏目"), line=1)
    end = next((number for number, line in enumerate(lines[1:], start=1) if line.rstrip() == FENCE), None)
    if end is None:
        raise FormatError(N_("开头的栏目后面少一行 ---"), line=1)
    text = "\n".join(lines[1:end])
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = (mark.line if mark is not None else 0) + 2
        raise FormatError(N_("看不懂这一行（%(reason)s）"), line=line, reason=error.problem) from error
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 2
        raise FormatError(N_("看不懂这一行（%(reason)s）"), line=line, reason=error.reason) from error
    if node is None:
        return {}, {}, end + 1
    if not isinstance(node, yaml.MappingNode):
        raise FormatError(N_("每一行要写成“栏目: 内容”"), line=2)
    raw: dict[str, Any] = {}
    places: dict[str, int] = {}
    for key, value in node.value:
        line = key.start_mark.line + 2
        name = _scalar(key, "") or ""
        if name in raw:
            raise FormatError(N_("“%(name)s”写了两次"), line=line, field=name, name=name)
        raw[name], places[name] = _value(value, name), line
    return raw, places, end + 1


def _value(node: yaml.Node, name: str) -> str | list[str | None] | None:
    """Return what a person wrote: text or a list of texts. YAML's own types would turn ``0691`` or ``no`` around."""
    if isinstance(node, yaml.SequenceNode):
        return [_scalar(item, name) for item in node.value]
    return _scalar(node, name)


def _scalar(node: yaml.Node, name: str) -> str | None:
    if not isinstance(node, yaml.ScalarNode):
        raise FormatError(
            N_("“%(name)s”这里要写成一段文字；文字里有冒号加空格时，请用引号括起来"),
            line=node.start_mark.line + 2,
            field=name,
            name=name,
        )
    return None if node.tag == "tag:yaml.org,2002:null" else str(node.value)


def _outside_code(lines: Sequence[str], start: int) -> Iterator[tuple[int, str, bool]]:
    """Yield the index of every line from *start*, the line, and whether it may be a heading: is not in a code block."""
    mark, opened = "", start
    for index in range(start, len(lines)):
        code = _CODE.fullmatch(lines[index])
        yield index, lines[index], not mark
        if code is None:
            continue
        if not mark:
            mark, opened = code["mark"], index
        elif code["mark"].startswith(mark) and not code["info"].strip():
            mark = ""
    if mark:
        raise FormatError(N_("从这一行开始的代码块没有结束"), line=opened + 1)


def _sections(lines: Sequence[str], start: int) -> Iterator[tuple[str, str, int]]:
    """Yield the sections of an entry: field, text, line of the heading."""
    name, heading = "", start
    text: list[str] = []
    for index, line, free in _outside_code(lines, start):
        match = _SECTION.fullmatch(line) if free else None
        if match is not None:
            if name:
                yield name, "\n".join(text), heading + 1
            if match["title"] not in columns.SECTIONS:
                raise FormatError(
                    N_("不认识的小节“%(title)s”。可以用的有：%(known)s；小节里的标题请用 ###"),
                    line=index + 1,
                    title=match["title"],
                    known="、".join(columns.SECTIONS),
                )
            name, heading, text = columns.SECTIONS[match["title"]], index, []
        elif name:
            text.append(line)
        elif line.strip():
            raise FormatError(N_("这一行不在任何小节里；放得下任何内容的小节是“## 正文”"), line=index + 1)
    if name:
        yield name, "\n".join(text), heading + 1


def _posts(lines: Sequence[str], start: int) -> Iterator[tuple[str, Any, int]]:
    """Yield a thread's first post as ``body`` and every reply: field, value, line."""
    reply: dict[str, str] | None = None
    heading = start
    text: list[str] = []
    for index, line, free in _outside_code(lines, start):
        match = _REPLY.fullmatch(line) if free else None
        if match is None:
            text.append(line)
            continue
        yield _post(reply, text, heading)
        author, _, created = match["rest"].strip().partition(" ")
        reply, heading, text = {"author": author, "created": created}, index, []
    yield _post(reply, text, heading)


def _post(reply: dict[str, str] | None, text: Sequence[str], heading: int) -> tuple[str, Any, int]:
    body = "\n".join(text)
    return ("body", body, heading + 1) if reply is None else (REPLIES, {**reply, "body": body}, heading + 1)
