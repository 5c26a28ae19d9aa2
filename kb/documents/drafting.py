"""From a part of a document to the content of a draft: a proposal, for somebody to go over."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kb.documents import rules
from kb.documents.rules import Part
from kb.entries.content import KIND_LABELS, MAX_ANSWER, MAX_TITLE, MAX_WORDING, MAX_WORDINGS, Content, Kind
from kb.importing.fields import BETWEEN_KEYS, BETWEEN_SENTENCES
from kb.markup import plain
from kb.taxonomy.queries import Taxonomy, Term

NO_ANSWER = "【待填：一句话答案】"
TEXTS = ("script", "steps", "internal_note", "exceptions", "fees", "deadlines", "transfer_to")

_SENTENCE = re.compile(r".*?[。！？!?；;\n]|.+$", re.DOTALL)
_MARKS = re.compile(r"^\s*(?:[-*+]|\d+[.、)]|\|)\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a person decides about a part beside its text: taxonomy keys. No regions means the whole province."""

    kind: Kind
    module_key: str
    tier_key: str
    regions: tuple[str, ...] = ()


def title_of(part: Part) -> str:
    """Return the title that is proposed: the heading without its number, or what the text begins with."""
    heading = rules.without_number(part.title)
    return (heading or first_sentence("\n".join(item.text for item in part.sections)))[:MAX_TITLE]


def choice_of(part: Part, default: Choice, taxonomy: Taxonomy) -> Choice:
    """Return *default*, changed to what the part's own fields say where they name something that there is."""
    fields = part.sections[0].fields
    kinds = {label: kind for kind, label in KIND_LABELS.items()} | {kind.value: kind for kind in Kind}
    return Choice(
        kind=kinds.get(fields.get("kind", "").strip(), default.kind),
        module_key=_key(taxonomy.modules, fields.get("module", "")) or default.module_key,
        tier_key=_key(taxonomy.tiers, fields.get("tier", "")) or default.tier_key,
        regions=tuple(
            key for name in BETWEEN_KEYS.split(fields.get("regions", "")) if (key := _key(taxonomy.regions, name))
        )
        or default.regions,
    )


def content_of(part: Part, title: str, choice: Choice) -> Content:
    """Return the content of a draft: what stands under a heading that an entry has a field for goes there.

    An answer of one line is taken from where the text begins; where there is none, a placeholder asks for it. Nothing
    is left out: a text that is too long is refused when it is stored.
    """
    texts: dict[str, list[str]] = {name: [] for name in (*TEXTS, "body")}
    first = part.sections[0]
    for name in (*TEXTS, "body"):
        if first.fields.get(name):
            texts[name].append(first.fields[name])
    for index, section in enumerate(part.sections):
        name = rules.field_of(section.heading) or "body" if index else "body"
        if index and name == "body":
            texts["body"].append(f"{'#' * min(max(section.level - first.level + 2, 3), 5)} {section.heading}")
        texts[name].append(section.text)
    fields = {name: "\n\n".join(filter(None, pieces)).strip() for name, pieces in texts.items()}
    answer, rest = _answer(first.fields.get("answer", ""), fields["body"] or fields["script"] or fields["steps"])
    if rest:
        fields["body"] = f"{rest}\n\n{fields['body']}".strip()
    return Content(
        title=title.strip(),
        kind=choice.kind,
        module_key=choice.module_key,
        tier_key=choice.tier_key,
        regions=choice.regions,
        answer=answer,
        wordings=_wordings(first.fields.get("wordings", "")),
        script=fields["script"],
        steps=fields["steps"],
        internal_note=fields["internal_note"],
        exceptions=fields["exceptions"],
        fees=fields["fees"],
        deadlines=fields["deadlines"],
        transfer_to=fields["transfer_to"],
        body=fields["body"],
    )


def first_sentence(text: str) -> str:
    """Return what Markdown *text* begins with, as one plain line: no table, no picture."""
    for block in text.split("\n\n"):
        if block.lstrip().startswith(("|", "#", "```", "![")):
            continue
        line = " ".join(_MARKS.sub("", plain(block)).split())
        if line:
            return (_SENTENCE.match(line) or [line])[0].strip()
    return ""


def _answer(given: str, text: str) -> tuple[str, str]:
    """Return the one-line answer, and what of *given* has no room in it."""
    line = " ".join(plain(given).split())
    if line and "\n" not in given.strip() and len(line) <= MAX_ANSWER:
        return line, ""
    first = first_sentence(given or text)
    return (first if 0 < len(first) <= MAX_ANSWER else NO_ANSWER), given.strip()


def _wordings(text: str) -> tuple[str, ...]:
    found = (" ".join(item.split())[:MAX_WORDING] for item in BETWEEN_SENTENCES.split(text))
    return tuple(dict.fromkeys(filter(None, found)))[:MAX_WORDINGS]


def _key(terms_by_key: Mapping[str, Term], name: str) -> str | None:
    """Return the key of what is called *name*, or has it as its key."""
    wanted = name.strip()
    terms = [term for term in terms_by_key.values() if not term.retired]
    return next((term.key for term in terms if wanted and wanted in (term.key, term.name)), None)


def titles(parts: Sequence[Part]) -> Sequence[str]:
    """Return the title that is proposed for each of *parts*."""
    return [title_of(part) for part in parts]
