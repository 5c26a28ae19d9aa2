import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from kb.questions.rules import Item, Kind
from kb.study.models import StudyAnswer
from kb.study.rules import Confidence
from tests.support import factories, study
from tests.web.visitor import Outline

ORDER = Item(kind=Kind.ORDER, prompt="排好", options=("看灯", "插紧", "重启"))
CLOZE = Item(kind=Kind.CLOZE, prompt="填空", text="每月 [[19 元]] 到账。")


def fields(html):
    """The hidden fields of the card on a page."""
    form = re.search(r'<form class="study-card".*?</form>', html, re.S).group()
    return {
        name: re.search(rf'name="{name}" value="([^"]*)"', form).group(1)
        for name in ("csrf_token", "question", "version", "turn", "why")
    }, form


def place(form, option):
    shown = re.findall(r'<span (?:data-step )?lang="zh-CN">([^<]+)</span>', form)
    return str(shown.index(option))


def answers(installation):
    with installation.sessions() as session:
        return session.scalars(select(StudyAnswer).order_by(StudyAnswer.id)).all()


def test_a_card_is_asked_answered_and_explained_without_a_script(installation, agent):
    factories.publish(installation, "los")
    study.question(installation, "los")
    page = agent.get("/study").text
    hidden, form = fields(page)
    assert "LOS 亮红灯就是收不到光。" not in page
    told = agent.client.post("/study/answers", data={**hidden, "choice": place(form, "欠费停机"), "confidence": "3"})
    text = Outline(told.text).text
    assert "答错了，而且很有把握" in text
    assert "你答的 欠费停机" in text
    assert "光纤断了" in text
    assert "LOS 亮红灯就是收不到光。" in text
    (row,) = answers(installation)
    assert (row.right, row.confidence) == (False, int(Confidence.SURE))
    agent.client.post("/study/answers", data={**hidden, "choice": place(form, "光纤断了"), "confidence": "3"})
    assert len(answers(installation)) == 1  # sent twice without a script: the form's own name
    assert "现在没有要学的了" in agent.get("/study").text
    installation.clock.advance(minutes=10)
    hidden, _ = fields(agent.get("/study").text)
    assert (hidden["turn"], hidden["why"]) == ("1", "review")


@pytest.mark.parametrize("item", [study.ITEM, ORDER, replace(study.ITEM, kind=Kind.MULTIPLE, right=(0, 1))])
def test_no_page_tells_what_is_right_before_it_is_answered(installation, agent, item):
    """Neither a word of it nor the order: every option looks the same, whatever is right."""
    factories.publish(installation, "los")
    study.question(installation, "los", replace(item, explanation="因为收不到光"))
    _, form = fields(agent.get("/study").text)
    assert "因为收不到光" not in form
    rows = re.findall(r'<(?:li|label) class="study-option">.*?</(?:li|label)>', form, re.S)
    plain = {re.sub(r'value="\d"|>\d<|<span.*?</span>|“.*?”', "", row) for row in rows}
    assert len(plain) == 1
    if item.kind is Kind.ORDER:
        assert re.findall(r"data-step lang=\"zh-CN\">([^<]+)", form) != list(item.options)


def test_steps_and_blanks(installation, agent):
    factories.publish(installation, "los")
    study.question(installation, "los", ORDER)
    hidden, form = fields(agent.get("/study").text)
    shown = re.findall(r"data-step lang=\"zh-CN\">([^<]+)", form)
    ranks = [str(ORDER.options.index(option) + 1) for option in shown]
    told = agent.client.post("/study/answers", data={**hidden, "rank": ranks, "confidence": "2"})
    assert "答对了" in told.text
    study.question(installation, "los", CLOZE)
    hidden, _ = fields(agent.get("/study").text)
    assert "19" not in _
    told = agent.client.post("/study/answers", data={**hidden, "text": "１９元", "confidence": "1"})
    assert "答对了" in told.text


def test_our_script_gets_parts_and_is_told_what_will_never_be_taken(installation, agent):
    factories.publish(installation, "los")
    number = study.question(installation, "los")
    fetch = {"X-Requested-With": "fetch"}
    part = agent.get("/study", headers=fetch)
    assert "<html" not in part.text
    assert part.headers["Cache-Control"] == "no-store"
    hidden, form = fields(part.text)
    sent = {**hidden, "choice": place(form, "光纤断了"), "confidence": "3", "key": "k1", "took": "25000"}
    told = agent.client.post("/study/answers", data=sent, headers=fetch)
    assert 'data-right="yes"' in told.text
    again = agent.client.post("/study/answers", data=sent, headers=fetch)
    assert 'data-right="yes"' in again.text
    assert [row.took_ms for row in answers(installation)] == [25_000]
    for bad in ({"version": "7"}, {"choice": "9"}, {"confidence": "4"}, {"question": "x"}, {"why": "x"}):
        refused = agent.client.post("/study/answers", data={**sent, "key": "k2", **bad}, headers=fetch)
        assert refused.headers["X-Refused"] == "yes", bad
        assert "<" not in refused.text
    assert agent.client.post("/study/answers", data={**sent, "version": "7", "key": "k3"}).status_code == 409
    assert f'data-question="{number}"' not in agent.get(f"/study?without={number},x").text


def test_a_must_read_is_read_before_it_is_asked_and_a_right_answer_signs_for_it(installation, agent):
    factories.publish(installation, "los")
    study.must_read(installation, "los", study.question(installation, "los"), note="新口径")
    page = agent.get("/study").text
    assert "插紧尾纤" in Outline(page).text
    hidden, form = fields(page)
    told = agent.client.post("/study/answers", data={**hidden, "choice": place(form, "欠费停机"), "confidence": "1"})
    assert "签收好了" not in told.text
    hidden, form = fields(agent.get("/study").text)
    assert hidden["why"] == "must_read"
    told = agent.client.post("/study/answers", data={**hidden, "choice": place(form, "光纤断了"), "confidence": "2"})
    assert "签收好了" in told.text


def test_a_bulletin_that_must_be_read_comes_first(installation, agent):
    factories.publish(installation, "los")
    study.question(installation, "los")
    factories.bulletin(installation, must_read=True, title="先看这条")
    page = agent.get("/study").text
    assert "先看这条" in page
    assert 'class="study-card" method' in page  # a card to go on with is there, in its template


def test_my_week_shows_what_was_learned_due_and_weak_and_the_scope_is_kept(installation, agent, visit_as):
    person = installation.actors[study.Role.AGENT]
    factories.publish(installation, "los")
    factories.publish(installation, "slow", title="上网慢")
    first, second = study.question(installation, "los"), study.question(installation, "slow")
    study.answered(installation, person, first)
    study.answered(installation, person, second, right=False)
    text = Outline(agent.get("/study/week").text).text
    assert "七天里答了 2 题，对 1 题" in text
    assert "，用了 0 分钟。 光猫 LOS 红灯" in text
    assert "上网慢2.0" in text
    other = Outline(visit_as(study.Role.EXPERT).get("/study/week").text).text
    assert "这七天还没有答过题" in other
    kept = agent.post("/study/scope", form="/study/week", tier="second", modules="fault")
    assert kept.status_code == 302
    assert 'value="second" selected' in agent.get("/study/week").text
    assert agent.post("/study/scope", form="/study/week", tier="zeroth").status_code == 400
