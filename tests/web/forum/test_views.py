import pytest

from kb.db import unit_of_work
from kb.entries import operations as entries
from kb.forum import moderation
from kb.forum import operations as forum
from kb.forum.queries import by_key
from kb.permissions import SYSTEM, Role
from tests.support import factories
from tests.web.visitor import Outline

FIELDS = {
    "title": "盒子亮红灯",
    "kind": "question",
    "module": "fault.broadband",
    "region": "hedong",
    "body": "客户说**灯红**",
}


def load(installation, key):
    with installation.sessions() as session:
        return by_key(session, key)


@pytest.fixture
def rain(installation) -> str:
    factories.thread(installation, "rain")
    with unit_of_work(installation.sessions) as session:
        thread = by_key(session, "rain")
        now = installation.clock()
        forum.reply(session, installation.actors[Role.EXPERT], thread, "先看分光器", now=now)
        forum.reply(session, installation.actors[Role.EDITOR], thread, "再看公告", now=now)
    return "/threads/rain"


def test_a_thread_shows_posts_with_who_and_when(rain, agent, installation):
    installation.clock.advance(hours=2)
    page = Outline(agent.get(rain).text)
    for text in ("下雨后 LOS 红灯", "刚接了三个", "先看分光器", "再看公告", "专家", "2小时前", "2 条回复"):
        assert text in page.text
    assert len([item for item in page.all("li") if item.get("id") in ("reply-1", "reply-2")]) == 2


def test_threads_are_listed_newest_activity_first(rain, agent, installation):
    installation.clock.advance(minutes=1)
    factories.thread(installation, "tv", title="电视黑屏", module="tv.signal")
    page = Outline(agent.get("/threads").text)
    assert [link for link in page.links() if link.startswith("/threads/")][1:] == ["/threads/tv", "/threads/rain"]
    assert "2 个帖子" in page.text
    assert "2 回复" in page.text
    only = Outline(agent.get("/threads?module=tv").text)
    assert "/threads/tv" in only.links()
    assert "/threads/rain" not in only.links()


def test_the_list_is_narrowed_by_region_and_kind(rain, agent, installation):
    factories.thread(installation, "here", title="河东的案例", region="hedong", kind="case")

    def listed(query):
        return [
            link for link in Outline(agent.get(f"/threads?{query}").text).links() if link in (rain, "/threads/here")
        ]

    assert listed("kind=case") == listed("region=hedong") == ["/threads/here"]
    assert listed("kind=question") == [rain]
    assert listed("region=wanghu") == []
    assert "这一栏里没有帖子" in agent.get("/threads?region=wanghu").text
    assert listed("") == ["/threads/here", rain]
    assert agent.get("/threads?region=nowhere").status_code == 400
    assert agent.get("/threads?kind=faq").status_code == 400


def test_the_list_is_paged(installation, agent):
    for number in range(11):
        factories.thread(installation, f"t{number}", title=f"帖子{number}")
    assert "/threads?source=thread&page=2" in Outline(agent.get("/threads").text).links()
    assert agent.get("/threads?source=thread&page=2").status_code == 200


def test_a_page_past_the_end_leads_back(rain, installation, agent):
    for number in range(11):
        factories.thread(installation, f"more-{number}")
    links = Outline(agent.get("/threads?page=99").text).links()
    assert {link for link in links if "page=2" in link} == {"/threads?source=thread&page=2"}


def test_a_colleague_is_asked(agent, installation):
    form = agent.get("/threads/new?title=盒子亮红灯&module=fault.broadband").text
    assert 'value="盒子亮红灯"' in form
    assert '<option value="fault.broadband" selected>' in form
    answer = agent.post("/threads", form="/threads/new", **FIELDS)
    assert answer.status_code == 302
    page = agent.get(answer.location)
    assert "已经发出去了" in page.text
    assert "<strong>灯红</strong>" in page.text
    thread = load(installation, answer.location.rpartition("/")[2])
    assert (thread.title, thread.module_key, thread.region_key) == ("盒子亮红灯", "fault.broadband", "hedong")
    assert thread.created_at == installation.clock()


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("title", " ", "标题不能为空"),
        ("title", "长" * 121, "标题最多 120 个字"),
        ("body", "", "正文不能为空"),
        ("kind", "joke", "没有这种类型"),
        ("module", "nothing", "没有这个业务模块"),
        ("region", "nowhere", "没有这个区域"),
    ],
)
def test_a_thread_that_is_not_started_says_why_and_keeps_what_was_written(agent, field, value, problem):
    answer = agent.post("/threads", form="/threads/new", **{**FIELDS, field: value})
    assert answer.status_code == 400
    page = Outline(answer.text)
    assert problem in page.text
    assert any(item.get("aria-describedby") == f"{field}-problem" for _, item in page.elements)
    if field != "body":
        assert FIELDS["body"] in page.text


def test_a_reply_is_added_and_shown_at_once(rain, agent, installation):
    answer = agent.post(f"{rain}/replies", form=rain, body="我也遇到了")
    assert answer.location == f"{rain}#reply-3"
    assert "我也遇到了" in agent.get(rain).text
    assert load(installation, "rain").replies[-1].author_id == installation.actors[Role.AGENT].user_id


def test_an_empty_reply_is_refused_in_place(rain, agent):
    answer = agent.post(f"{rain}/replies", form=rain, body="  ")
    assert answer.status_code == 400
    assert "正文不能为空" in answer.text
    assert "先看分光器" in answer.text


def test_a_closed_thread_takes_no_replies(rain, agent, installation):
    with unit_of_work(installation.sessions) as session:
        by_key(session, "rain").state = "closed"
    assert 'id="reply"' not in agent.get(rain).text
    answer = agent.post(f"{rain}/replies", form="/help", body="还有人吗")
    assert answer.status_code == 409
    assert "已经关闭" in answer.text


@pytest.mark.parametrize("role", [Role.AGENT, Role.EXPERT, Role.EDITOR])  # author, expert of the module, everybody's
def test_those_who_may_accept_an_answer_can(rain, visit_as, installation, role):
    visitor = visit_as(role)
    answer = visitor.post(f"{rain}/accept", form=rain, number="1")
    assert answer.location == f"{rain}#reply-1"
    page = visitor.get(rain).text
    assert "采纳的答案" in page
    assert page.count("先看分光器") == 2
    assert load(installation, "rain").accepted_number == 1
    assert "有答案" in visitor.get("/threads").text


def test_others_neither_see_the_button_nor_can_do_without(rain, visit_as, installation):
    reviewer = visit_as(Role.REVIEWER)
    assert "采纳为答案" not in reviewer.get(rain).text
    assert reviewer.post(f"{rain}/accept", form="/help", number="1").status_code == 403
    assert load(installation, "rain").accepted_number is None


@pytest.mark.parametrize("number", ["", "9", "-1", "一", "1" * 40])
def test_a_reply_that_does_not_exist_is_not_accepted(rain, agent, number):
    assert agent.post(f"{rain}/accept", form=rain, number=number).status_code == 400


def test_a_hidden_thread_is_the_moderators(rain, visit_as, installation):
    with unit_of_work(installation.sessions) as session:
        moderation.hide(
            session, installation.actors[Role.EDITOR], by_key(session, "rain"), reason="x", now=installation.clock()
        )
    agent = visit_as(Role.AGENT)
    assert agent.get(rain).status_code == 404
    assert "/threads/rain" not in agent.get("/threads").text
    assert agent.post(f"{rain}/replies", form="/help", body="x").status_code == 404
    assert "已隐藏" in visit_as(Role.EDITOR).get(rain).text


def test_those_who_only_read_get_no_forms(rain, visit_as):
    admin = visit_as(Role.ADMIN)
    assert 'id="reply"' not in admin.get(rain).text
    assert admin.get("/threads/new").status_code == 403
    assert admin.post("/threads", form="/help", **FIELDS).status_code == 403


def test_what_grew_out_of_a_thread_is_linked(rain, agent, installation):
    with unit_of_work(installation.sessions) as session:
        entries.import_content(
            session, SYSTEM, factories.content(), key="los", now=installation.clock(), derived_from="thread:rain"
        )
    assert "/entries/los" in Outline(agent.get(rain).text).links()


def test_somebody_without_an_account_keeps_their_name(agent, installation):
    with unit_of_work(installation.sessions) as session:
        posts = [forum.ImportedPost(body="旧帖", created_at=installation.clock(), author_name="老张")]
        forum.import_thread(
            session,
            SYSTEM,
            key="old",
            title="旧帖",
            kind="case",
            module="tv.signal",
            region=None,
            posts=posts,
            accepted=None,
            now=installation.clock(),
        )
    assert "老张" in agent.get("/threads/old").text
    assert "老张" in agent.get("/threads").text
