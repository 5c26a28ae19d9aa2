import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from kb.db import unit_of_work
from kb.letters import rules
from kb.letters.models import Letter, LetterState
from kb.notices.models import Telling
from kb.people.queries import by_username
from tests.support.mail import mail_server
from tests.support.notices import listener, tell, wish
from web.letters import post
from web.services import services

KILLS = 6


@pytest.fixture
def server():
    with mail_server() as running:
        yield running


@pytest.fixture
def sender(app, server):
    """The application, sending through the server."""
    parts = services(app)
    changed = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_security": "none"}
    object.__setattr__(
        parts, "settings", parts.settings.model_copy(update={**changed, "public_url": "https://kb.example.com"})
    )
    return app


def letters(installation):
    with installation.sessions() as session:
        return session.scalars(select(Letter).order_by(Letter.id)).all()


def test_a_mail_says_what_happened_with_links_in_the_persons_language(installation, sender, server):
    chen, smith = (listener(installation, name, Telling.AT_ONCE) for name in ("chen", "smith"))
    with unit_of_work(installation.sessions) as session:
        by_username(session, "smith").locale = "en"
    for actor in (chen, smith):
        tell(installation, actor, f"{actor.name} 的火锅店")
    wish(installation, chen)
    for number in range(2):
        tell(installation, chen, f"盒子 {number}")
    assert post.round_(sender) == 2
    installation.clock.advance(days=1)
    assert post.round_(sender) == 1
    (_, first), (_, english), (_, digest) = server.taken
    assert (first["To"], first["Auto-Submitted"]) == ("chen <chen@centre.example>", "auto-generated")
    assert first["Subject"] == "知汇：你问过的“chen 的火锅店”不归我们答复，不用再等。"
    assert "· 你问过的“chen 的火锅店”不归我们答复，不用再等。（2026-11-02 09:00）" in first.get_content()
    assert "https://kb.example.com/notices/choices" in first.get_content()
    assert "smith 的火锅店" in english["Subject"]
    assert digest["Subject"] == "知汇：2 条提醒"
    assert {letter.state for letter in letters(installation)} == {LetterState.SENT}
    assert post.round_(sender) == 0


def test_what_the_server_refuses_waits_or_is_given_up_and_costs_the_others_nothing(installation, sender, server):
    server.refused = {"aa@centre.example": "550 no such user", "bb@centre.example": "451 greylisted"}
    for name in ("a", "b", "c"):
        tell(installation, listener(installation, name * 2, Telling.AT_ONCE), f"{name} 的火锅店")
    assert post.round_(sender) == 1
    assert [(letter.state, letter.problem) for letter in letters(installation)] == [
        (LetterState.GIVEN_UP, "550 no such user"),
        (LetterState.WAITING, "451 greylisted"),
        (LetterState.SENT, ""),
    ]
    server.refused = {}
    installation.clock.advance(minutes=1)
    assert post.round_(sender) == 1


def test_without_the_server_letters_wait(installation, app):
    parts = services(app)
    object.__setattr__(
        parts,
        "settings",
        parts.settings.model_copy(update={"smtp_host": "127.0.0.1", "smtp_port": 9, "smtp_security": "none"}),
    )
    for number in range(2):
        tell(installation, listener(installation, f"chen{number}", Telling.AT_ONCE), f"火锅店 {number}")
    assert post.round_(app) == 0
    assert [letter.state for letter in letters(installation)] == [LetterState.WAITING] * 2
    assert letters(installation)[0].problem
    assert letters(installation)[1].attempts == 0


@pytest.mark.slow
def test_a_sender_that_is_killed_again_and_again_mails_every_notice_under_one_name(any_installation, server):
    """Killed while it hands a letter over and, worse, after the server has it but before it could say so."""
    installation, chance = any_installation, random.Random(5)
    people = [listener(installation, f"agent{number}", Telling.AT_ONCE) for number in range(8)]
    for actor in people:
        for number in range(2):
            tell(installation, actor, f"{actor.name} 问的火锅店 {number}")
    killed: list[str] = []
    doomed: list[int] = []
    plan: dict[str, object] = {}

    def kill(step: str, number: int) -> None:
        if doomed and step == plan["step"] and number >= plan["number"]:
            os.kill(doomed.pop(), signal.SIGKILL)
            killed.append(step)

    server.on_step = kill
    order = {
        "home": str(installation.settings.home),
        "database_url": installation.engine.url.render_as_string(hide_password=False),
        "port": server.port,
    }
    said = ""
    for attempt in range(KILLS + 3):
        installation.clock.now += max(rules.LEASE, timedelta(minutes=5))
        step = ("data", "rcpt")[attempt % 2]
        plan.update(step=step, number=len(server.taken) + (chance.randrange(2) if attempt < KILLS - 2 else 0))
        sender = subprocess.Popen(
            [sys.executable, "-m", "tests.support.doomed_sender"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        doomed[:] = [sender.pid] if attempt < KILLS else []
        said, _ = sender.communicate(json.dumps({**order, "now": installation.clock().isoformat()}) + "\n")
        if said == "done\n" and attempt >= KILLS:
            break
    assert said == "done\n"
    assert len(killed) >= 4
    copies = Counter(message["Message-ID"] for _, message in server.taken)
    assert len(copies) == len(letters(installation)) == len(people)
    assert sum(copies.values()) - len(copies) <= killed.count("data")
    named: dict[str, set[str]] = {}
    for _, message in server.taken:
        for actor in people:
            for number in range(2):
                if (words := f"{actor.name} 问的火锅店 {number}") in message.get_content():
                    named.setdefault(words, set()).add(message["Message-ID"])
    assert {words: len(names) for words, names in named.items()} == {
        f"{actor.name} 问的火锅店 {number}": 1 for actor in people for number in range(2)
    }
    assert {letter.state for letter in letters(installation)} == {LetterState.SENT}
