from sqlalchemy import select

from kb.permissions import Role
from kb.questions.models import Question
from kb.questions.rules import Item, Kind, State
from tests.support import factories, study
from tests.web.visitor import Outline
from web.questions import forms


def questions(installation):
    with installation.sessions() as session:
        return session.scalars(select(Question).order_by(Question.id)).all()


def test_an_editor_writes_looks_and_publishes_beside_the_entry(installation, visit_as):
    factories.publish(installation, "los")
    editor = visit_as(Role.EDITOR)
    assert "/entries/los/questions" in Outline(editor.get("/entries/los").text).links()
    page = "/entries/los/questions/new"
    given = {"kind": "single", "difficulty": "3", "prompt": "说明什么？", "options": "*光纤断了\n欠费", "do": "save"}
    assert editor.post(page, form=page, **{**given, "options": "光纤断了\n欠费"}).status_code == 400
    assert editor.post(page, form=page, **{**given, "kind": "riddle"}).status_code == 400
    editor.post(page, form=page, **given)
    (made,) = questions(installation)
    assert (made.state, made.right, made.difficulty) == (State.DRAFT, [0], 3)
    listed = editor.get("/entries/los/questions").text
    assert "光纤断了" in listed
    stale = editor.post(f"/questions/{made.id}/state", form="/entries/los/questions", do="publish", version="7")
    assert stale.status_code == 409
    editor.post(f"/questions/{made.id}/state", form="/entries/los/questions", do="publish", version="1")
    assert questions(installation)[0].state is State.LIVE
    editor.post(f"/questions/{made.id}", form=f"/questions/{made.id}", version="1", **{**given, "prompt": "改了"})
    assert questions(installation)[0].prompt == "改了"
    factories.revise(installation, "los", answer="这个灯红了是设备坏了，直接换新的光猫。")
    assert "停问了" in editor.get("/questions").text
    editor.post(f"/questions/{made.id}", form=f"/questions/{made.id}", version="2", **{**given, "do": "publish"})
    assert questions(installation)[0].state is State.LIVE
    suspend = {"do": "suspend", "reason": "有歧义"}
    editor.post(f"/questions/{made.id}/state", form="/entries/los/questions", **suspend)
    assert "停问：有歧义" in editor.get("/entries/los/questions").text
    editor.post(f"/questions/{made.id}/state", form="/entries/los/questions", do="retire")
    assert questions(installation)[0].state is State.RETIRED
    for address in ("/entries/los/questions", f"/questions/{made.id}", "/questions", page):
        assert visit_as(Role.AGENT).get(address).status_code == 403


def test_proposals_are_drafts_with_what_a_search_finds_near(installation, visit_as):
    factories.publish(installation, "los", steps="1. 看灯\n2. 插紧\n3. 重启")
    factories.publish(installation, "slow", title="光猫慢", module_key="fault.mobile", answer="先测速，再看带宽。")
    installation.reindex()
    editor = visit_as(Role.EDITOR)
    editor.post("/entries/los/questions/proposals", form="/entries/los/questions")
    made = questions(installation)
    assert {question.state for question in made} == {State.DRAFT}
    assert any("slow" in question.entries for question in made)
    assert "没有新的可提议" in editor.client.get(
        editor.post("/entries/los/questions/proposals", form="/entries/los/questions").location
    ).text  # fmt: skip


def test_a_form_gives_back_what_it_shows():
    for item in (
        study.ITEM,
        Item(kind=Kind.WHICH_ENTRY, prompt="红灯", options=("甲", "乙"), right=(1,), entries=("a", "b")),
        Item(kind=Kind.ORDER, prompt="排好", options=("一", "二", "三")),
        Item(kind=Kind.CLOZE, prompt="填", text="每月 [[19 元]]。", explanation="见资费"),
    ):
        assert forms.item(forms.values(item)) == item


def test_a_leader_asks_and_sees_who_has_not_read_and_not_how_they_answered(installation, visit_as):
    factories.publish(installation, "los")
    number = study.question(installation, "los")
    manager, agent = visit_as(Role.MANAGER), installation.actors[Role.AGENT]
    page = "/entries/los/must-read"
    assert manager.post(page, form=page, question="999", due_at="2099-01-01T09:00").status_code == 400
    asked = manager.post(page, form=page, question=str(number), due_at="2099-01-01T09:00", note="新口径")
    assert asked.status_code == 302
    study.answered(installation, agent, number, right=False)
    text = Outline(manager.get(asked.location).text).text
    assert "还没读" in text
    assert "答错" not in text
    assert "0/1" in Outline(manager.get("/must-reads").text).text
    study.answered(installation, agent, number, key="again")
    assert "1/1" in Outline(manager.get("/must-reads").text).text
    manager.post(f"{asked.location}/withdraw", form=asked.location)
    assert "没有必读" in manager.get("/must-reads").text
    leader = visit_as(Role.LEADER)
    assert leader.post(page, form=page, question=str(number), due_at="2099-01-01T09:00").status_code == 400
    assert visit_as(Role.AGENT).get("/must-reads").status_code == 403
