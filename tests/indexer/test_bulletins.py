from datetime import timedelta

import pytest

from indexer.bulletins import named_in
from indexer.documents import Source
from indexer.engine import Filters
from indexer.query import understand
from kb.bulletins import operations
from kb.db import unit_of_work
from kb.permissions import Role
from tests.support import factories, lexicon


@pytest.fixture
def filled(installation):
    for number in range(3):
        factories.publish(installation, f"off-{number}", title=f"宽带断网处理 {number}", wordings=("家里断网了",))
    installation.reindex()
    return installation


def run(installation, text="家里断网了怎么办", actor=None, filters=None, limit=10, offset=0):
    with installation.sessions() as session:
        return installation.search.run(
            session,
            actor or installation.actors[Role.AGENT],
            text,
            filters or Filters(),
            now=installation.clock(),
            limit=limit,
            offset=offset,
        )


def ids(results):
    return [hit.id for hit in results.hits]


def test_a_bulletin_stands_first_for_the_words_it_names_with_its_line_to_take(filled):
    before = ids(run(filled))
    number = factories.bulletin(filled, title="光缆<中断>")
    results = run(filled)
    assert ids(results) == [f"bulletin-{number}", *before]
    assert results.total == len(before) + 1
    first = results.hits[0]
    assert (first.bulletin, first.kind, first.pinned) == (number, "bulletin", True)
    assert str(first.title) == "光缆&lt;中断&gt;"
    assert "正在抢修光缆" in first.answer
    assert "断网" in first.wording
    assert ids(run(filled, "话费怎么多了")) == []


def test_it_is_there_at_its_first_moment_and_gone_at_its_last_without_the_index(filled):
    now = filled.clock()
    number = factories.bulletin(filled, valid_from=now + timedelta(seconds=5), valid_until=now + timedelta(seconds=9))
    assert ids(run(filled))[0] != f"bulletin-{number}"
    filled.clock.advance(seconds=5)
    assert ids(run(filled))[0] == f"bulletin-{number}"
    filled.clock.advance(seconds=4)
    assert ids(run(filled))[0] != f"bulletin-{number}"


def test_a_withdrawn_one_is_found_no_more(filled):
    number = factories.bulletin(filled)
    with unit_of_work(filled.sessions) as session:
        operations.withdraw(session, filled.actors[Role.MANAGER], number, now=filled.clock())
    assert f"bulletin-{number}" not in ids(run(filled))


def test_neighbours_and_other_teams_neither_find_nor_count_it(filled):
    neighbour = factories.person(filled, "neighbour", Role.AGENT, region="wanglan")
    before = run(filled, actor=neighbour)
    number = factories.bulletin(filled, regions=("jiangyang",))
    after = run(filled, actor=neighbour)
    assert (ids(after), after.total) == (ids(before), before.total)
    assert ids(run(filled))[0] == f"bulletin-{number}"
    for region, first in (("jiangyang", True), ("lanzhou", True), ("yunxi", False)):
        assert (ids(run(filled, filters=Filters(region=region)))[0] == f"bulletin-{number}") is first


def test_kinds_narrow_it_and_modules_do_not(filled):
    number = factories.bulletin(filled)
    assert f"bulletin-{number}" not in ids(run(filled, filters=Filters(kinds=("faq",))))
    assert ids(run(filled, filters=Filters(kinds=("bulletin",)))) == [f"bulletin-{number}"]
    assert f"bulletin-{number}" in ids(run(filled, filters=Filters(modules=("billing",))))
    assert f"bulletin-{number}" not in ids(run(filled, filters=Filters(source=Source.THREAD)))


def test_urgent_ones_stand_before_others_and_all_before_pins(filled):
    plain = factories.bulletin(filled, title="平常")
    urgent = factories.bulletin(filled, title="紧急", urgent=True)
    lexicon.pin(filled, "断网", "off-2")
    lexicon.look(filled)
    assert ids(run(filled, "断网"))[:3] == [f"bulletin-{urgent}", f"bulletin-{plain}", "off-2"]


def test_pages_go_on_where_the_one_before_ended(filled):
    number = factories.bulletin(filled)
    whole = ids(run(filled))
    assert whole[0] == f"bulletin-{number}"
    assert [ids(run(filled, limit=2, offset=offset)) for offset in (0, 2)] == [whole[:2], whole[2:4]]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("家里断网了怎么办", "断网"),
        ("断 网", "断网"),
        ("斷網", "断网"),
        ("他家的WiFi断了", "ＷＩＦＩ"),
        ("手机上不了网", "上不了网"),
        ("网断断续续", None),
        ("话费", None),
    ],
)
def test_a_question_names_a_word_whatever_its_spelling(analysis, text, word):
    assert named_in(("断网", "上不了网", "ＷＩＦＩ"), understand(text, analysis)) == word
