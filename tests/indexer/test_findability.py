from dataclasses import replace

import pytest

from indexer import findability
from indexer.embedded.engine import EmbeddedEngine
from indexer.search import Search
from kb.db import unit_of_work
from kb.entries.queries import by_key
from kb.lexicon import operations as lexicon
from kb.lexicon.rules import PinFacts
from kb.permissions import Role
from tests.support import factories
from tests.support.vectors import CharacterEmbedder

OTHERS = {
    "slow": ("宽带上网慢排查", ("网速好慢", "刷视频老是转圈", "宽带卡得很")),
    "move": ("宽带移机", ("我要搬家宽带怎么办", "宽带能不能换个地方装", "移机要多少钱")),
    "red": ("光猫 LOS 红灯", ("盒子亮红灯上不了网", "猫上面有个红灯一直闪", "灯红了是什么意思")),
}
WRITTEN = factories.content(
    title="路由器亮橙灯",
    answer="橙灯是没有拿到地址：重启路由器，仍橙灯就恢复出厂设置。",
    wordings=("路由器亮橙色的灯", "橙灯一直亮上不了网", "盒子亮红灯上不了网"),
    script="您好，橙灯表示路由器没有连上，我们重启一下。",
    steps="1. 拔电源\n2. 等十秒再插上",
)


@pytest.fixture(params=["words", "sense"])
def search(request, installation, analysis, tmp_path):
    for key, (title, wordings) in OTHERS.items():
        answer = f"{title}的一句话答案"
        factories.publish(installation, key, title=title, wordings=wordings, answer=answer, script="", steps="")
    if request.param == "words":
        installation.reindex()
        return installation.search
    engine = EmbeddedEngine(installation.settings.index_path, analysis, CharacterEmbedder())
    installation.search.engine = engine
    installation.follower.settle()
    return Search(engine)


def places(search, installation, content, entry=None, by=Role.EDITOR):
    with installation.sessions() as session:
        found = by_key(session, entry) if entry is not None else None
        return findability.places(search, session, installation.actors[by], content, found, now=installation.clock())


def test_the_rank_that_is_shown_before_is_the_rank_after(search, installation):
    """What the rehearsal says of an unpublished entry is what the search finds once it is published."""
    before = places(search, installation, WRITTEN)
    assert [item.place for item in before[:2]] == [1, 1]
    assert before[2].place == 2
    assert [hit.id for hit in before[2].above] == ["red"]
    fields = {name: getattr(WRITTEN, name) for name in ("title", "answer", "wordings", "script", "steps")}
    factories.publish(installation, "orange", **fields)
    installation.follower.settle()
    with installation.sessions() as session:
        for item in before:
            hits = search.run(
                session, installation.actors[Role.AGENT], item.wording, findability.Filters(), now=installation.clock()
            ).hits
            assert [hit.id for hit in hits].index("orange") + 1 == item.place, item.wording
    assert search.engine.status().documents == 4, "the rehearsal wrote nothing"


def test_an_edit_takes_the_place_of_what_is_live(search, installation):
    live = OTHERS["red"][1]
    content = factories.content(title="光猫 LOS 红灯", wordings=(live[0], "路由器的灯不亮了"), answer="答案")
    found = places(search, installation, content, "red")
    assert [item.place for item in found] == [1, 1]
    assert all(hit.id != "red" for item in found for hit in item.above)


def test_what_no_search_can_go_by_finds_nothing(search, installation):
    found = places(search, installation, factories.content(wordings=("？？？", "路由器亮橙色的灯")))
    assert [(item.place, item.answered) for item in found] == [(None, False), (1, True)]


def test_a_pinned_entry_stands_above(installation):
    factories.publish(installation, "red")
    with unit_of_work(installation.sessions) as session:
        facts = PinFacts(query="路由器亮橙色的灯", entry="red")
        lexicon.add_pin(session, installation.actors[Role.MANAGER], facts, now=installation.clock())
    installation.reindex()
    first = places(installation.search, installation, WRITTEN)[0]
    assert (first.place, [hit.id for hit in first.above]) == (2, ["red"])


def test_what_the_writer_may_not_read_counts_but_is_not_named(search, installation):
    factories.publish(
        installation, "secret", title="橙灯", wordings=("橙灯一直亮上不了网",), audience=(Role.AGENT, Role.REVIEWER)
    )
    installation.follower.settle()
    content = replace(WRITTEN, wordings=("橙灯一直亮上不了网",), title="别的")
    mine, theirs = (places(search, installation, content, by=role)[0] for role in (Role.EXPERT, Role.AGENT))
    assert mine.place == theirs.place
    assert not mine.above
    assert mine.place is not None


def near(search, installation, content, by=Role.EDITOR, entry=None):
    with installation.sessions() as session:
        found = by_key(session, entry) if entry is not None else None
        actor = installation.actors[by]
        return findability.near(search, session, actor, content, found, now=installation.clock())


def test_near_duplicates_are_named_with_the_two_phrasings(search, installation):
    found = near(search, installation, WRITTEN)
    assert [item.entry.key for item in found] == ["red"]
    assert (found[0].mine, found[0].theirs) == ("盒子亮红灯上不了网", "盒子亮红灯上不了网")
    assert found[0].likeness > 0.99
    assert not near(search, installation, WRITTEN, entry="red")


def test_a_draft_that_one_may_read_is_a_duplicate_too(installation):
    factories.draft(installation, "draft", title="路由器亮橙灯", wordings=("路由器橙灯",))
    installation.reindex()
    assert [item.entry.key for item in near(installation.search, installation, WRITTEN)] == ["draft"]
    assert not near(installation.search, installation, WRITTEN, by=Role.AGENT)
