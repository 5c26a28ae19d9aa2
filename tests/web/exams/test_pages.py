"""The pages of exams: nothing tells the answer, everything is saved, managers export what can't act."""

import re
from io import BytesIO

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import select

from kb.db import unit_of_work
from kb.exams.models import Attempt, Exam
from kb.people.models import User
from kb.permissions import Role
from tests.support import factories, training
from web.exams.workbook import put


def send(visitor, address, data=None, **options):
    """Post *data* with a token, as the pages' forms and scripts do."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', visitor.get("/exams").text)[1]
    return visitor.client.post(address, data={"csrf_token": token, **(data or {})}, **options)


@pytest.fixture
def exam(installation):
    training.bank(installation, 12)
    return training.exam(installation, grants_tier="second", attempts=2, wait_hours=0)


def test_a_paper_without_its_answers_is_saved_and_handed_in(exam, agent, installation):
    assert exam.title in agent.get("/exams").text
    assert "以服务器时间为准" in agent.get(f"/exams/{exam.id}").text
    began = send(agent, f"/exams/{exam.id}/attempts")
    page = agent.get(began.location).text
    assert "解释" not in page
    assert "right" not in page
    assert page.count("data-question") == 5
    assert send(agent, f"{began.location}/answers/1", data={"choice": "0"}).location.endswith("#question-1")
    told = send(agent, f"{began.location}/answers/2", data={"choice": "1"}, headers={"X-Requested-With": "fetch"})
    assert told.json == {"saved": 2, "left": 1200}
    assert send(agent, f"{began.location}/answers/3", data={}).status_code == 400
    assert send(agent, f"{began.location}/answers/99", data={"choice": "0"}).status_code == 404
    send(agent, f"{began.location}/submit")
    page = agent.get(began.location).text
    assert "未通过" in page
    assert "考试截止以后" in page
    installation.clock.advance(days=8)
    assert "正确答案" in agent.become("agent").get(began.location).text


def test_time_that_is_over_shows_the_result_of_what_was_saved(exam, agent, installation):
    began = send(agent, f"/exams/{exam.id}/attempts")
    send(agent, f"{began.location}/answers/1", data={"choice": "0"})
    installation.clock.advance(minutes=21)
    late = send(agent, f"{began.location}/answers/2", data={"choice": "0"}, headers={"X-Requested-With": "fetch"})
    assert late.status_code == 409
    assert "时间到" in agent.get(began.location).text
    with installation.sessions() as session:
        assert session.scalars(select(Attempt)).one().submitted_at is not None


def test_a_manager_sets_publishes_reads_and_exports(visit_as, agent, installation):
    training.bank(installation, 6)
    manager = visit_as(Role.MANAGER)
    form = {
        "title": "上岗考试",
        "section_module": [training.MODULE, ""],
        "section_difficulty": ["", ""],
        "section_count": ["5", ""],
        "minutes": "10",
        "pass_percent": "60",
        "attempts": "1",
        "wait_hours": "0",
        "valid_days": "100",
        "grants_tier": "second",
        "opens_at": "",
        "closes_at": "",
    }
    assert send(manager, "/exams/new", data={**form, "pass_percent": "0"}).status_code == 400
    assert send(manager, "/exams/new", data={**form, "section_count": ["x", ""]}).status_code == 400
    made = send(manager, "/exams/new", data=form).location
    number = int(made.split("/")[2])
    assert 'value="60"' in manager.get(f"/exams/{number}/edit").text
    send(manager, f"/exams/{number}/edit", data={**form, "section_count": ["50", ""]})
    assert "只有 6 道" in send(manager, f"/exams/{number}/publish").text
    send(manager, f"/exams/{number}/edit", data=form)
    assert send(manager, f"/exams/{number}/publish").location == f"/exams/{number}/results"
    with unit_of_work(installation.sessions) as session:
        user = session.get(User, installation.actors[Role.AGENT].user_id)
        user.name = '=HYPERLINK("http://evil.example","点我")'
    training.take(installation, installation.actors[Role.AGENT], number, right=4)
    page = manager.get(made).text
    assert "80%" in page
    assert "试题分析" in page
    answer = manager.get(f"/exams/{number}/results.xlsx")
    results, analysis = load_workbook(BytesIO(answer.data)).worksheets
    row = [cell.value for cell in results[2]]
    assert row[0] == '\'=HYPERLINK("http://evil.example","点我")'
    assert results["A2"].data_type == "s"
    assert row[7] == 80.0
    assert analysis.max_row == 6
    assert manager.get("/exams/manage").text.count("上岗考试") == 1
    licences = manager.get("/licences").text
    assert "二线" in licences
    assert send(manager, "/licences/1/revoke", data={"reason": "题目泄露"}).location == "/licences"
    assert "题目泄露" in agent.get("/exams").text
    send(manager, f"/exams/{number}/close")
    for address in ("/exams/manage", "/exams/new", made, f"/exams/{number}/results.xlsx", "/licences"):
        assert agent.get(address).status_code == 403, address


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r=1"])
def test_no_text_is_a_formula(text):
    sheet = Workbook().active
    put(sheet["A1"], text)
    assert sheet["A1"].data_type == "s"
    assert sheet["A1"].value.startswith("'")
    assert sheet["A1"].quotePrefix


def test_numbers_and_plain_texts_stay_and_control_characters_go():
    sheet = Workbook().active
    put(sheet["A1"], -3.5)
    put(sheet["A2"], "王\x00敏")
    assert (sheet["A1"].value, sheet["A2"].value) == (-3.5, "王敏")


def test_the_desk_hints_to_hand_over_what_is_above_ones_tier(agent, installation):
    factories.publish(installation, "hard", tier_key="second", transfer_to="装维二线")
    training.bank(installation, 6)
    made = training.exam(installation, grants_tier="second")
    page = agent.get("/desk/cards/hard").text
    assert "这是二线的问题" in page
    assert "装维二线" in page
    training.take(installation, installation.actors[Role.AGENT], made.id, right=5)
    assert "data-escalate" not in agent.get("/desk/cards/hard").text
    with installation.sessions() as session:
        assert session.scalars(select(Exam)).one().grants_tier == "second"
