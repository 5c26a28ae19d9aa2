"""The one place that turns people's Markdown into HTML that is safe to show.

Markdown may hold raw HTML, so the result is always sanitised. A text is rendered once per process: revisions are
immutable, so their text is the cache key, and a stricter sanitiser takes effect with the next start.
"""

import re
from functools import lru_cache
from xml.etree.ElementTree import Element

import bleach
from markdown import Markdown
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor
from markupsafe import Markup, escape

PLACEHOLDER = re.compile(r"【待填：[^【】\n]{0,200}】")
"""A fact that the centre has to supply: shown in colour so that nobody reads it out."""

TAGS = frozenset(
    {"a", "abbr", "blockquote", "br", "code", "dd", "del", "dl", "dt", "em", "h2", "h3", "h4", "h5", "hr", "li", "mark"}
    | {"ol", "p", "pre", "s", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul"}
)
ATTRIBUTES = {"a": ["href", "title"], "abbr": ["title"], "mark": ["class"], "ol": ["start"], "th": ["align"]}
PROTOCOLS = frozenset({"http", "https", "mailto", "tel"})


class _Placeholders(Extension):
    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - the library's name
        md.inlinePatterns.register(_PlaceholderPattern(PLACEHOLDER.pattern, md), "placeholder", 75)


class _PlaceholderPattern(InlineProcessor):
    def handleMatch(  # type: ignore[override]  # noqa: N802 - the library's own annotation is too narrow
        self, m: re.Match[str], data: str
    ) -> tuple[Element, int, int]:
        element = Element("mark", {"class": "placeholder"})
        element.text = m.group(0)
        return element, m.start(0), m.end(0)


@lru_cache(maxsize=4096)
def render(text: str) -> Markup:
    """Return *text* (Markdown) as sanitised HTML."""
    if not text.strip():
        return Markup("")
    html = Markdown(
        extensions=["tables", "sane_lists", "nl2br", "fenced_code", _Placeholders()], output_format="html"
    ).convert(text)
    clean = bleach.clean(html, tags=TAGS, attributes=ATTRIBUTES, protocols=PROTOCOLS, strip=True)
    return Markup(clean)  # noqa: S704 - sanitised on the line above


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


def plain(text: str) -> str:
    """Return Markdown *text* without its marks: what is read, indexed and excerpted."""
    stripped = bleach.clean(str(render(text)), tags=set(), strip=True)
    return Markup(stripped).unescape()  # noqa: S704 - unescaped text, never shown as HTML
