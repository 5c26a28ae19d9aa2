"""What calls teach, end to end: words that find nothing find the entry at every door once three agents solved by it."""

import json

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from kb.db import unit_of_work
from kb.desk import operations as desk
from kb.desk import queries
from kb.desk.rules import WordingState
from kb.gaps.models import Gap
from kb.people import operations as people
from kb.people.queries import by_username
from kb.permissions import SYSTEM, Role
from tests.support import factories
from tests.web.visitor import Outline, Visitor
from web.cli import main
from web.services import services

SAID = "咕噜咕噜转圈圈"
OTHERS = 12


@pytest.fixture
def filled(installation):
    factories.publish(installation, "los")
    for number in range(OTHERS):
        factories.publish(
            installation,
            f"other-{number}",
            title=f"电视没信号 {number}",
            answer="先查智能卡。",
            wordings=(f"一个台都没有{number}", "黑屏", "电视看不了"),
            script="",
            steps="",
        )
    installation.reindex()


@pytest.fixture
def doors(app, installation, agent, monkeypatch):
    """Ask at the page, the API and the command line; each gives the keys it found."""
    with unit_of_work(installation.sessions) as session:
        token = people.issue_token(
            session, SYSTEM, by_username(session, "agent"), label="test", now=installation.clock()
        )
    monkeypatch.setenv("KB_HOME", str(installation.settings.home))
    monkeypatch.setattr("web.cli.context.CommandLine.clock", installation.clock)
    monkeypatch.setattr("web.cli.context.open_search", lambda settings: installation.search)

    def page(question):
        links = Outline(agent.get("/", query_string={"q": question}).text).links()
        return [link.split("?")[0].rpartition("/")[2] for link in links if link.startswith("/entries/")]

    def api(question):
        client, header = app.test_client(), {"Authorization": f"Bearer {token}"}
        return [hit["id"] for hit in client.get(f"/api/v1/search?q={question}", headers=header).json["hits"]]

    def command_line(question):
        ran = CliRunner().invoke(main, ["search", question, "--json", "--as", "agent"])
        return [hit["id"] for hit in json.loads(ran.stdout)["hits"]]

    return (page, api, command_line)


def test_words_that_found_nothing_find_the_entry_once_three_agents_said_it_helped(app, installation, filled, doors):
    assert [ask(SAID) for ask in doors] == [[], [], []]
    services(app).search_log.flush()
    with installation.sessions() as session:
        assert session.scalars(select(Gap.text)).all() == [SAID]
    for number in range(3):
        assert [ask(SAID)[:3] for ask in doors] == [[], [], []]
        factories.person(installation, f"a{number}", Role.AGENT)
        visitor = Visitor(app, installation).become(f"a{number}")
        visitor.post(f"/entries/los/outcomes?q={SAID}", form=f"/entries/los?q={SAID}", solved="yes")
        installation.reindex()
    assert [ask(SAID)[:3] for ask in doors] == [["los"]] * 3


def test_what_an_editor_rejects_is_found_no_longer(installation, filled, doors):
    for agent in factories.agents(installation, 3):
        factories.outcome(installation, agent, "los", SAID)
    installation.reindex()
    assert [ask(SAID)[:3] for ask in doors] == [["los"]] * 3
    with unit_of_work(installation.sessions) as session:
        editor = installation.actors[Role.EDITOR]
        desk.decide(
            session, editor, queries.wording(session, editor, 1), WordingState.REJECTED, now=installation.clock()
        )
    installation.reindex()
    assert [ask(SAID) for ask in doors] == [[], [], []]
