"""What callers really say finds its entry among the first three: on the page, the API and the command line alike."""

import json
import re

import pytest
from click.testing import CliRunner

from indexer.engine import Filters
from kb.db import unit_of_work
from kb.people import operations as people
from kb.people.queries import by_username
from kb.permissions import SYSTEM
from tests.support.installation import START
from tests.web.visitor import Visitor
from web.app import create_app
from web.cli import main
from web.services import services

QUESTIONS = {
    "这个月咋扣这么多": {"bill-surge"},
    "我没开咋扣钱": {"sp-unknown-unsubscribe", "sp-check-refund"},
    "电话里那歌不要了": {"ringback-cancel"},
    "号不变能换家吗": {"mnp-eligibility"},
    "出国先停着号": {"status-keep-number"},
    "手机让输PUK": {"sim-puk-locked"},
    "盒子LOS亮红灯": {"broadband-los-red"},
    "电视黑屏说没信号": {"tv-no-signal"},
    "交了钱还看不了台": {"tv-channel-unauthorized"},
    "电视花屏卡顿": {"tv-mosaic"},
    "师傅上门收我钱对不对": {"complaint-overcharge-visit"},
    "上回反映的咋样了": {"complaint-progress"},
    # Our own, written before anybody looked at what they find.
    "搬家了网咋弄过去": {"broadband-relocation"},
    "充值充到别人号上去了": {"pay-wrong-number"},
    "遥控板按了没反应": {"tv-remote-dead"},
    "验证码收不到": {"sms-code-missing"},
    "去香港玩流量咋买": {"roaming-hkmt-package"},
    "师傅说好来没来": {"repair-reschedule"},
    "手机丢了": {"sim-lost-replace"},
    "开不了发票": {"invoice-electronic"},
    "人脸老是过不去": {"identity-face-failed"},
    "手機沒訊號": {"mobile-no-service"},  # traditional
    "“授权码”": {"mnp-auth-code"},  # a quoted phrase
    "費": {"refund-duplicate-charge", "tv-multi-box-fee"},  # one character can't say which fee is meant
    "携号转往": {"mnp-eligibility", "mnp-after-plan", "mnp-failed-reasons"},  # a homophone
    "jdh卡住了": {"tv-box-stuck-boot"},  # initials
    "guohu": {"identity-transfer"},  # typed without an input method
}
NONSENSE = ("囧囧囧", "阿斯顿发斯蒂芬", "qwertyuiop", "今天晚上吃什么火锅好")


@pytest.fixture
def app(filled):
    made = create_app(filled.settings, clock=filled.clock, search=filled.search)
    made.testing = True
    yield made
    services(made).engine.dispose()


@pytest.fixture
def page(app, filled):
    visitor = Visitor(app, filled).become("wangmin")

    def ask(question):
        html = visitor.get("/", query_string={"q": question}).get_data(as_text=True)
        return re.findall(r'id="hit-([a-z0-9-]+)"', html)  # answers, not what only comes nearest

    return ask


@pytest.fixture
def api(app, filled):
    with unit_of_work(filled.sessions) as session:
        token = people.issue_token(session, SYSTEM, by_username(session, "wangmin"), label="test", now=START)
    client = app.test_client()

    def ask(question):
        answer = client.get(
            "/api/v1/search", query_string={"q": question}, headers={"Authorization": f"Bearer {token}"}
        )
        assert answer.status_code == 200
        return [hit["id"] for hit in answer.json["hits"]]

    return ask


@pytest.fixture
def command_line(filled, monkeypatch):
    monkeypatch.setenv("KB_HOME", str(filled.settings.home))
    monkeypatch.setattr("web.cli.context.CommandLine.clock", filled.clock)
    monkeypatch.setattr("web.cli.context.open_search", lambda settings: filled.search)

    def ask(question):
        ran = CliRunner().invoke(main, ["search", question, "--json", "--as", "wangmin"])
        assert ran.exit_code == 0, ran.output
        return [hit["id"] for hit in json.loads(ran.stdout)["hits"]]

    return ask


@pytest.mark.parametrize("door", ["page", "api", "command_line"])
def test_a_spoken_question_finds_its_entry_among_the_first_three(request, door):
    ask = request.getfixturevalue(door)
    first_three = {question: ask(question)[:3] for question in QUESTIONS}
    missed = {
        question: first_three[question]
        for question, right in QUESTIONS.items()
        if not right & set(first_three[question])
    }
    assert missed == {}


@pytest.mark.parametrize("door", ["page", "api", "command_line"])
def test_nonsense_finds_nothing_at_every_door(request, door):
    ask = request.getfixturevalue(door)
    assert {question: ask(question) for question in NONSENSE} == {question: [] for question in NONSENSE}


def test_nonsense_gets_an_honest_page_with_a_way_on(app, filled):
    html = Visitor(app, filled).become("wangmin").get("/", query_string={"q": "囧囧囧"}).get_data(as_text=True)
    assert "没有找到" in html
    assert "/threads/new?" in html


def test_a_phrase_finds_only_what_has_it(api):
    assert api("“大面积断网断视的统一口径”") == ["outage-wording"]


def test_one_character_finds_only_what_has_it(filled):
    with filled.sessions() as session:
        results = filled.search.run(session, SYSTEM, "费", Filters(), now=filled.clock(), limit=200)
    assert results.total == len(results.hits) > 20
    for hit in results.hits:
        shown = "".join(filter(None, (hit.title, hit.answer, hit.wording, *hit.highlights)))
        assert "<mark>" in shown
