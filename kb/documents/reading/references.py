"""Pictures and links in Markdown pages, in the forms that people's programs write: Typora, Obsidian, GitHub, Yuque."""

import re
from collections.abc import Callable, Mapping

from bs4 import BeautifulSoup

Resolve = Callable[[str, str], str | None]
"""Gives the address of the picture that a page names so, with its caption; ``None`` where there is none to show."""

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,}).*")
_TITLE = r"(?:\s+(?:\"[^\"\n]*\"|'[^'\n]*'))?"
_TARGET = r"(?:<(?P<{0}wrapped>[^<>\n]*)>|(?P<{0}bare>(?:[^()\s<>]|\([^()\s]*\))+))"
_INLINE = re.compile(r"!\[(?P<alt>[^\]\n]*)\]\(\s*" + _TARGET.format("") + _TITLE + r"\s*\)")
_REFERENCE = re.compile(r"!\[(?P<alt>[^\]\n]*)\](?:\[(?P<label>[^\]\n]*)\])?(?![\[(])")
_WIKI = re.compile(r"!\[\[(?P<target>[^\]|#\n]+)[^\]\n]*\]\]")
_WIKI_LINK = re.compile(r"(?<!!)\[\[(?P<target>[^\]|\n]+)(?:\|(?P<text>[^\]\n]*))?\]\]")
_HTML = re.compile(r"<img\b[^<>]*>", re.IGNORECASE)
_LINK = re.compile(r"(?<!!)\[(?P<text>[^\]\n]+)\]\(\s*" + _TARGET.format("") + _TITLE + r"\s*\)")
_DEFINITION = re.compile(r"^ {0,3}\[(?P<label>[^\]\n]+)\]:\s*" + _TARGET.format("") + _TITLE + r"\s*$", re.MULTILINE)
_OUTWARD = re.compile(r"(?:https?://|mailto:|tel:|/entries/|/threads/|/attachments/)", re.IGNORECASE)
_SPAN = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")


def adopt(text: str, resolve: Resolve) -> str:
    """Return Markdown *text* with its pictures taken over, and links to other files of the folder as their words.

    What stands in code is left as it is.
    """
    defined = {match["label"].strip().lower(): _target(match) for match in _DEFINITION.finditer(text)}
    pieces: list[str] = []
    lines: list[str] = []
    fence = ""
    for line in text.split("\n"):
        code = _FENCE.fullmatch(line)
        if code is not None and (not fence or code[1].startswith(fence)):
            if not fence:
                if lines:
                    pieces.append(_prose("\n".join(lines), resolve, defined))
                lines, fence = [line], code[1]
                continue
            pieces.append("\n".join([*lines, line]))
            lines, fence = [], ""
            continue
        lines.append(line)
    if lines:
        rest = "\n".join(lines)
        pieces.append(rest if fence else _prose(rest, resolve, defined))
    return "\n".join(pieces)


def _prose(text: str, resolve: Resolve, defined: Mapping[str, str]) -> str:
    made: list[str] = []
    end = 0
    for span in _SPAN.finditer(text):
        made += [_replaced(text[end : span.start()], resolve, defined), span[0]]
        end = span.end()
    return "".join([*made, _replaced(text[end:], resolve, defined)])


def _replaced(text: str, resolve: Resolve, defined: Mapping[str, str]) -> str:
    def placed(source: str, alt: str) -> str:
        name = " ".join(alt.split())
        address = resolve(source.strip(), name)
        if address is None:
            return f"【待填：图片 {name}】".replace(" 】", "】")
        return f"![{name or '图'}]({address})"

    def referenced(match: re.Match[str]) -> str:
        target = defined.get((match["label"] or match["alt"]).strip().lower())
        return match[0] if target is None else placed(target, match["alt"])

    def tagged(match: re.Match[str]) -> str:
        picture = BeautifulSoup(match[0], "html.parser").find("img")
        return placed(str(picture.get("src", "")), str(picture.get("alt", ""))) if picture is not None else match[0]

    text = _HTML.sub(tagged, text)
    text = _WIKI.sub(lambda match: placed(match["target"], ""), text)
    text = _WIKI_LINK.sub(lambda match: match["text"] or match["target"], text)
    text = _REFERENCE.sub(referenced, text)
    text = _INLINE.sub(lambda match: placed(_target(match), match["alt"]), text)
    return _LINK.sub(lambda match: match[0] if _OUTWARD.match(_target(match)) else match["text"], text)


def _target(match: re.Match[str]) -> str:
    return match["wrapped"] if match["wrapped"] is not None else match["bare"]
