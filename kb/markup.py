"""The one place that turns people's Markdown into HTML that is safe to show.

Markdown may hold raw HTML, so the result is always sanitised. A text is rendered once per process: revisions are
immutable, so their text is the cache key, and a stricter sanitiser takes effect with the next start.
"""

import re
from collections.abc import Callable
from functools import lru_cache

import bleach
from markdown import Markdown
from markupsafe import Markup, escape

PLACEHOLDER = re.compile(r"【待填：[^【】\n]{0,200}】")
"""A fact that the centre has to supply: shown in colour so that nobody reads it out."""

TAGS = frozenset(
    {"a", "abbr", "blockquote", "br", "code", "dd", "del", "dl", "dt", "em", "h2", "h3", "h4", "h5", "hr", "li", "mark"}
    | {"img", "ol", "p", "pre", "s", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul"}
)
ATTACHED = re.compile(r"/(?:attachments/[0-9a-f]{32}|imports/pictures/[0-9a-f]{64})")
"""Where an image may come from: nothing is loaded from elsewhere."""


def _may_be_on_an_image(tag: str, name: str, value: str) -> bool:
    return name in ("alt", "title") or (name == "src" and ATTACHED.fullmatch(value) is not None)


ATTRIBUTES: dict[str, list[str] | Callable[[str, str, str], bool]] = {
    "a": ["href", "title"],
    "abbr": ["title"],
    "img": _may_be_on_an_image,
    "ol": ["start"],
    "th": ["align"],
}
PROTOCOLS = frozenset({"http", "https", "mailto", "tel"})


# While Markdown and the sanitiser work, a placeholder is its number between two code points that no text may hold:
# so it is marked wherever it stands, code and raw HTML included, and nothing inside it is taken for Markdown.
_HELD = "\ufdd0{}\ufdd1"
_TAG_OR_HELD = re.compile(r"""(?P<tag><(?:"[^"]*"|'[^']*'|[^'">])*>)|\ufdd0(?P<number>\d+)\ufdd1""")
_SHOWN_IMAGE = re.compile(rf' src="{ATTACHED.pattern}"')
_NOT_IN_TEXT = dict.fromkeys((0xFDD0, 0xFDD1))


@lru_cache(maxsize=4096)
def render(text: str) -> Markup:
    """Return *text* (Markdown) as sanitised HTML, with its placeholders marked."""
    if not text.strip():
        return Markup("")
    held: list[str] = []

    def hold(match: re.Match[str]) -> str:
        held.append(match[0])
        return _HELD.format(len(held) - 1)

    def release(match: re.Match[str]) -> str:
        if match["tag"] is None:
            return mark_placeholders(held[int(match["number"])])
        tag = match["tag"]
        if tag.startswith("<img") and not _SHOWN_IMAGE.search(tag):
            return ""
        for number, placeholder in enumerate(held):
            tag = tag.replace(_HELD.format(number), escape(placeholder))
        return tag

    html = Markdown(extensions=["tables", "sane_lists", "nl2br", "fenced_code"], output_format="html").convert(
        PLACEHOLDER.sub(hold, text.translate(_NOT_IN_TEXT))
    )
    clean = bleach.clean(html, tags=TAGS, attributes=ATTRIBUTES, protocols=PROTOCOLS, strip=True)
    return Markup(_TAG_OR_HELD.sub(release, clean))  # noqa: S704 - sanitised, and what was held is escaped


def mark_placeholders(text: str) -> Markup:
    """Return plain *text* escaped, with its placeholders marked."""
    parts: list[Markup] = []
    end = 0
    for match in PLACEHOLDER.finditer(text):
        parts += [
            escape(text[end : match.start()]),
            Markup('<mark class="placeholder">{}</mark>').format(match.group(0)),
        ]
        end = match.end()
    return Markup("").join([*parts, escape(text[end:])])


_BETWEEN_PARAGRAPHS = re.compile(r"\n{2,}")
# A line that Markdown and HTML have nothing to say about: no mark of theirs in it or, for some, at its beginning.
_UNMARKED = re.compile(r"(?![ #+=~:-]|\d+[.)])[^\\`*_\[\]<>&|{}^]*[^\\`*_\[\]<>&|{}^ ]")


def plain(text: str) -> str:
    """Return Markdown *text* without its marks: what is read, indexed and excerpted."""
    if all(line.isprintable() and _UNMARKED.fullmatch(line) for line in text.split("\n") if line):
        return _BETWEEN_PARAGRAPHS.sub("\n\n", text.strip("\n"))  # most texts; rendering takes some 300 times as long
    return rendered_plain(text)


def rendered_plain(text: str) -> str:
    """Return the same in any case by rendering *text* first."""
    stripped = bleach.clean(str(render(text)), tags=set(), strip=True)
    return Markup(stripped).unescape()  # noqa: S704 - unescaped text, never shown as HTML
