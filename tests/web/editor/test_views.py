import re

import pytest

from kb.db import unit_of_work
from kb.drafting import queries
from kb.drafting.fields import to_form
from kb.entries import operations as entries
from kb.entries.queries import by_key
from kb.entries.rules import State
from kb.permissions import Role
from kb.review import operations as review
from tests.support import factories
from tests.web.visitor import Outline

FORM = to_form(factories.content(exceptions="- 停电不算"), "Asia/Shanghai")
POSTED = {name: "\n".join(value) if isinstance(value, list) else value for name, value in FORM.items()} | {
    "material": "yes"
}


def begin(visitor, kind="faq", **fields):
    answer = visitor.post("/editor", form="/editor", kind=kind, **fields)
    assert answer.status_code == 302
    return answer.location


def test_an_entry_from_nothing_without_any_script(visit_as, installation):
    installation.reindex()
    expert = visit_as(Role.EXPERT)
    address = begin(expert)
    kept = expert.post(f"{address}/keep", form=address, version="1", look="1", **POSTED)
    assert kept.location == f"{address}?found=1#beside"
    page = Outline(expert.get(f"{address}?found=1").text).text
    for said in ("写作规范 8 / 8", "坐席在台上看到的", "客户这样说，搜得到吗", "第 1", FORM["answer"]):
        assert said in page, said
    answer = expert.post(f"{address}/submit", form=address, version="2", **POSTED)
    key = answer.location.rpartition("/")[2]
    with installation.sessions() as session:
        assert by_key(session, key).work_state is State.IN_REVIEW
    assert expert.get(address).status_code == 404


def test_what_cannot_be_handed_in_is_named_and_kept(visit_as):
    expert = visit_as(Role.EXPERT)
    address = begin(expert)
    wrong = {**POSTED, "module_key": "", "steps": "1. <script>alert(1)</script>"}
    answer = expert.post(f"{address}/submit", form=address, version="1", **wrong)
    assert answer.status_code == 400
    page = Outline(answer.text)
    assert "这一栏不能空着" in page.text
    assert next(item for item in page.all("select") if item["id"] == "module_key")["aria-invalid"] == "true"
    assert "<script>alert" not in answer.text
    again = expert.get(address).text
    assert FORM["title"] in again
    assert "<script>alert" not in expert.get(f"{address}/look").text


def test_what_was_returned_says_why_beside_the_form(visit_as, installation):
    installation.reindex()
    expert, reviewer = visit_as(Role.EXPERT), installation.actors[Role.REVIEWER]
    address = begin(expert)
    answer = expert.post(f"{address}/submit", form=address, version="1", **POSTED)
    key = answer.location.rpartition("/")[2]
    with unit_of_work(installation.sessions) as session:
        entry, now = by_key(session, key), installation.clock()
        for text, quote in (("太硬 <b>", FORM["script"][:6]), ("已经改了", "")):
            made = review.remark(session, reviewer, entry, entry.work_revision, text=text, quote=quote, now=now)
        review.settle(session, reviewer, entry, made.id, open_=False, now=now)
        entries.send_back(session, reviewer, entry, reason="话术要改", now=now)
    again = expert.post(f"/editor/entries/{key}", form=f"/entries/{key}").location
    page = Outline(expert.get(again).text)
    for said in ("审核的人说", "话术要改", "太硬 <b>", "改了什么、为什么"):
        assert said in page.text, said
    assert "已经改了" not in page.text
    assert "内容变了吗" not in page.text, "nothing is live yet"
    changed = {**POSTED, "script": "您好，我先陪您看看。", "note": "话术放软了"}
    assert expert.post(f"{again}/submit", form=again, version="1", **changed).status_code == 302
    with installation.sessions() as session:
        assert by_key(session, key).work_revision.note == "话术放软了"
    assert "和第 1 版比" in visit_as(Role.REVIEWER).get(f"/review/{key}").text
    fresh = begin(expert)
    assert "审核的人说" not in expert.get(fresh).text


def test_a_window_that_is_behind_is_told_and_overwrites_nothing(visit_as):
    expert = visit_as(Role.EXPERT)
    address = begin(expert)
    token = re.search(r'name="csrf_token" value="([^"]+)"', expert.get(address).text)[1]

    def keep(version, title):
        data = {**POSTED, "csrf_token": token, "version": str(version), "title": title}
        return expert.client.post(f"{address}/keep", data=data, headers={"X-Requested-With": "fetch"})

    assert keep(1, "甲").json["version"] == 2
    behind = keep(1, "乙")
    assert (behind.status_code, behind.json["version"]) == (409, 2)
    assert keep(1, "甲").json["version"] == 2, "an answer that got lost is given again"
    assert keep(2, "长" * 100_001).status_code == 400


def test_another_kind_brings_its_skeleton_where_nothing_was_written(visit_as):
    expert = visit_as(Role.EXPERT)
    address = begin(expert)
    expert.post(f"{address}/keep", form=address, version="1", **{**POSTED, "kind": "case"})
    assert "**经过**" in expert.get(address).text
    mine = {**POSTED, "kind": "faq", "body": "我写的"}
    expert.post(f"{address}/keep", form=address, version="2", **mine)
    assert "我写的" in expert.get(address).text


def test_nobody_reads_or_changes_what_somebody_else_is_writing(visit_as):
    address = begin(visit_as(Role.EXPERT))
    manager = visit_as(Role.MANAGER)
    for page in ("", "/look", "/found", "/merge", "/beside/e"):
        assert manager.get(f"{address}{page}").status_code == 404, page
    for verb in ("keep", "submit", "draft", "discard", "withdraw", "merge"):
        assert manager.post(f"{address}/{verb}", form="/editor", version="1", **POSTED).status_code == 404, verb


def test_who_may_write_and_who_may_edit_what(visit_as, installation):
    factories.publish(installation, "e")
    assert visit_as(Role.REVIEWER).get("/editor").status_code == 403
    assert visit_as(Role.AGENT).post("/editor/entries/e", form="/editor").status_code == 403
    assert visit_as(Role.AGENT).post("/editor/entries/none", form="/editor").status_code == 404
    for role, sees in ((Role.AGENT, False), (Role.EXPERT, True)):
        assert ("修改这条知识" in visit_as(role).get("/entries/e").text) is sees


def test_a_near_duplicate_is_merged_into(visit_as, installation):
    factories.publish(installation, "e")
    installation.reindex()
    editor = visit_as(Role.EDITOR)
    address = begin(editor)
    mine = {**POSTED, "title": "路由器红灯", "wordings": f"{FORM['wordings'][0]}\n路由器红灯怎么办"}
    editor.post(f"{address}/keep", form=address, version="1", **mine)
    assert "光猫 LOS 红灯" in editor.get(f"{address}/found").text
    beside = f"{address}/beside/e"
    page = editor.get(beside)
    assert "路由器红灯怎么办</ins>" in page.text
    undecided = editor.post(f"{address}/merge", form=beside, version="2", into="e", onto="1")
    assert undecided.status_code == 400
    picks = {f"pick_{name}": "merged" for name in FORM} | {"pick_title": "theirs"}
    made = editor.post(f"{address}/merge", form=beside, version="2", into="e", onto="1", **picks)
    assert made.status_code == 302
    with installation.sessions() as session:
        copy = queries.own(session, installation.actors[Role.EDITOR], made.location.rpartition("/")[2])
        assert copy.entry.key == "e"
        assert copy.fields["title"] == FORM["title"]
        assert copy.fields["wordings"] == [*FORM["wordings"], "路由器红灯怎么办"]
        assert copy.fields["exceptions"] == FORM["exceptions"]
    assert editor.get(address).status_code == 404


def test_who_may_not_edit_sees_the_other_entry_beside(visit_as, installation):
    factories.publish(installation, "e")
    agent = visit_as(Role.AGENT)
    address = begin(agent)
    page = agent.get(f"{address}/beside/e").text
    assert "这条不归你改" in page
    assert 'type="radio"' not in page
    picks = {f"pick_{name}": "merged" for name in FORM}
    assert agent.post(f"{address}/merge", form=address, version="1", into="e", onto="1", **picks).status_code == 403


@pytest.mark.parametrize("role", [Role.EDITOR, Role.LEADER, Role.ADMIN])
def test_only_managers_hand_over(visit_as, installation, role):
    factories.draft(installation, "e")
    assert visit_as(role).get("/editor/handover").status_code == 403


def test_a_manager_interviews_and_hands_over(visit_as, installation):
    factories.draft(installation, "e")
    manager = visit_as(Role.MANAGER)
    address = "/editor/handover?person=editor"
    assert factories.CONTENT.title in manager.get(address).text
    refused = manager.post("/editor/handover", form=address, person="editor", taker="reviewer", entry="e")
    assert refused.status_code == 400
    assert "不能接手" in refused.text
    done = manager.post("/editor/handover", form=address, person="editor", taker="expert", entry="e", reason="离职")
    assert "交给了 专家" in manager.get(done.location).text
    with installation.sessions() as session:
        assert by_key(session, "e").owner_id == installation.actors[Role.EXPERT].user_id
    assert "换了负责人" in manager.get("/entries/e/revisions").text
    interview = begin(manager, kind="best_practice", origin="interview:editor")
    assert "哪三类电话" in manager.get(interview).text
