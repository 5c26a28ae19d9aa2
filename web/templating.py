"""What templates may use besides what Flask gives them."""

import re
from collections.abc import Mapping

from flask import Flask
from flask_babel import gettext
from flask_login import current_user
from markupsafe import Markup

from indexer.documents import Source
from kb.entries.rules import Level
from kb.markup import PLACEHOLDER, mark_placeholders, render
from kb.maturity import queries as maturity_queries
from kb.permissions import Permission, allowed
from kb.taxonomy.queries import Term, Tree
from web import i18n
from web.bulletins.service import board
from web.corrections.service import duty_alarms
from web.entry_keys import titles_in
from web.notices.service import unread
from web.requests import actor, person, session, taxonomy

_TAG = re.compile(r"<(/?)mark>")


def init_app(app: Flask) -> None:
    """Give *app*'s templates our filters and functions."""
    app.jinja_env.filters.update(
        ago=i18n.ago,
        day=i18n.day,
        minute=i18n.minute,
        hour_minute=i18n.hour_minute,
        iso=i18n.iso,
        label=label,
        last_day=i18n.last_day,
        level=Level,
        markdown=render,
        message=i18n.message,
        reason=i18n.reason,
        placeholders=mark_placeholders,
        placeholders_in=placeholders_in,
        term=term,
        translated=gettext,
        translated_with=translated_with,
        term_name=i18n.term_name,
        path=path,
    )
    app.jinja_env.globals.update(
        Permission=Permission,
        bulletin_board=board,
        duty_alarms=duty_alarms,
        entry_titles=titles_in,
        Source=Source,
        current_user=current_user,
        language_tag=i18n.language_tag,
        level_news=level_news,
        may=may,
        person=person,
        taxonomy=taxonomy,
        unread_notices=unread,
    )


def may(permission: Permission) -> bool:
    """Return whether the person has *permission* on anything at all."""
    return allowed(actor(), permission)


def level_news() -> int:
    """Return how many changes of levels of what the person owns they have not seen. One statement."""
    return maturity_queries.count_unseen(session(), actor())


def translated_with(text: str, fields: Mapping[str, object]) -> str:
    """Return *text* in the page's language, filled in with *fields*."""
    said = str(gettext(text))
    return said % fields if fields else said


class _Labelled:
    label: str


def label(value: _Labelled) -> str:
    """Return the name of an enum's member in the page's language."""
    return str(gettext(value.label))


def term(terms: Mapping[str, Term], key: str) -> str:
    """Return the name of *key* in *terms*; the key itself when there is no such term."""
    found = terms.get(key)
    return i18n.term_name(found) if found is not None else key


def path(tree: Tree, key: str) -> list[str]:
    """Return the names from the root down to *key*."""
    return [term(tree, part) for part in reversed(tree.above(key))] or [key]


def placeholders_in(marked: Markup) -> Markup:
    """Return text with highlights in it with its placeholders marked too.

    A highlight that begins inside a placeholder and ends outside would cross the new mark: then it stays as it is.
    """

    def mark(match: re.Match[str]) -> str:
        whole = match.group(0)
        depth = 0
        for tag in _TAG.finditer(whole):
            depth += -1 if tag.group(1) else 1
            if depth < 0:
                return whole
        return whole if depth else f'<mark class="placeholder">{whole}</mark>'

    return Markup(PLACEHOLDER.sub(mark, str(marked)))  # noqa: S704 - wraps what was safe before
