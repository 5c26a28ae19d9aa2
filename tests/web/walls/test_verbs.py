"""Every role × every verb × one's own, others', other regions': done exactly where the permission table says."""

import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import pytest

import kb
from kb.errors import KbError, NotFoundError, PermissionDeniedError
from kb.permissions import Permission, Role
from tests.web.walls import verbs_learning, verbs_more
from tests.web.walls.verbs import ASKED_ELSEWHERE, MODELS, OPTIONS, VERBS
from tests.web.walls.world import World

EVERY = {**VERBS, **verbs_more.MORE, **verbs_learning.LEARNING}
ELSEWHERE = {**ASKED_ELSEWHERE, **verbs_more.ELSEWHERE, **verbs_learning.ELSEWHERE}
READS = ("queries", "figures", "asking", "board")
"""Rooms that only read."""


def verbs() -> set[str]:
    found = set()
    for info in pkgutil.walk_packages(kb.__path__, "kb."):
        if ".migrations" in info.name or info.name.rpartition(".")[2] in READS:
            continue
        module = importlib.import_module(info.name)
        for name, function in vars(module).items():
            if name.startswith(("_", "may_")) or not inspect.isfunction(function) or function.__module__ != info.name:
                continue
            if {"session", "actor"} <= set(inspect.signature(function).parameters):
                found.add(f"{info.name.removeprefix('kb.')}.{name}")
    return found


def test_every_verb_is_tried():
    assert verbs() - set(EVERY) - set(ELSEWHERE) == set(), "add a line to tests/web/walls/verbs.py"
    assert (set(EVERY) | set(ELSEWHERE)) - verbs() == set(), "gone: take the line away"


def test_every_permission_is_asked_for_somewhere():
    """One that nothing asks for says something that is not true."""
    floors = [Path(importlib.import_module(name).__file__ or "").parent for name in ("kb", "indexer", "web")]
    sources = [path for floor in floors for path in floor.rglob("*.py") if path.name != "permissions.py"]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    asked = set(re.findall(r"Permission\.([A-Z_]+)|\b_?P\.([A-Z_]+)", text))
    named = {name for pair in asked for name in pair}
    assert {permission.name for permission in Permission} - named == set()


@pytest.mark.parametrize("name", EVERY)
def test_it_is_done_exactly_where_the_table_says(name: str, world: World):
    verb = EVERY[name]
    for role in Role:
        actor = world.actors[role]
        for thing in world.of(verb.kind, role, tuple(verb.names)) if verb.kind is not None else (None,):
            where = f"{name}: {role.value} → {thing.name if thing else 'anything'}"
            with world.installation.sessions() as session:
                row = thing.row if thing is not None else None
                if verb.kind in MODELS:
                    row = session.get_one(MODELS[verb.kind], row, options=OPTIONS.get(verb.kind, ()))
                try:
                    verb.do(world, session, actor, row)
                    refused = None
                except (PermissionDeniedError, NotFoundError) as error:
                    refused = error
                except (KbError, OSError):  # a state, or what was given, stands in the way: they were let through
                    refused = None
                finally:
                    session.rollback()
            assert (refused is None) is verb.may(actor, thing), f"{where}: {refused!r}"
