import pytest

from indexer import gaps
from indexer.embedded.engine import EmbeddedEngine
from indexer.vectors.embedder import UniversalEmbedder
from kb.gaps.queries import Tried
from kb.permissions import Role
from tests.support import factories
from tests.support.vectors import CharacterEmbedder

ASKED = "为什么我的借款还没到账"
# Read by hand, of the 1,000 nearest pairs of the bank's questions: see docs/decisions/0018-gaps.md.
SAME = [
    (ASKED, "为什么我的借款还没有到账"),
    ("提前还清后，可借额度会不会提升", "提前还清借款后会不会提升额度"),
    ("微信上的和QQ上的微粒贷是不是一样的？", "微信上的微粒贷和QQ上的微粒贷是一样的吗"),
    ("我更换了手机号码，收不到验证码", "您好，我手机号码更换了，收不到验证码"),
]
OTHERS = [
    ("怎样更改还款周期", "怎样更改还款银行？"),
    ("如何获得微粒贷优惠券", "如何获得微粒贷"),
    ("还款日期", "调整还款日期"),
    ("借不到", "不用借了"),
    ("中国银行的卡可以吗？", "没银行卡可以吗"),
    ("我的借款怎么失败了", "我的怎么还款失败"),
]


@pytest.fixture(scope="module")
def knowing(analysis, tmp_path_factory):
    """An engine with real sentence vectors."""
    made = EmbeddedEngine(tmp_path_factory.mktemp("knowing"), analysis, UniversalEmbedder())
    yield made
    made.close()


@pytest.mark.parametrize(("one", "other"), SAME)
def test_what_means_the_same_is_seen(knowing, one, other):
    assert gaps.same_meaning(knowing, one, ["一天利息多少钱", other]) == 1


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_what_only_looks_alike_is_left_to_a_person(knowing, one, other):
    assert gaps.same_meaning(knowing, one, [other]) is None


def test_the_likest_come_first_and_only_what_can_be_is_embedded(analysis, tmp_path):
    embedder = CharacterEmbedder()
    engine = EmbeddedEngine(tmp_path, analysis, embedder)
    others = ["电视没信号", "为什么我的借款还没有到账", ASKED, ""]
    found = gaps.likest(engine, ASKED, others, least=gaps.SAME)
    assert [item.index for item in found] == [2, 1]
    assert found[0].value == pytest.approx(1)
    assert "电视没信号" not in embedder.embedded
    assert gaps.likest(engine, ASKED, [], least=0.5) == []
    assert gaps.likest(engine, "", [ASKED], least=0.9) == []
    engine.close()


def test_without_vectors_the_words_decide(analysis, tmp_path):
    engine = EmbeddedEngine(tmp_path, analysis)
    assert gaps.same_meaning(engine, "未满足审批要求", ["没有信号", "未满足审批要求？"]) == 1
    assert gaps.same_meaning(engine, "未满足审批要求", ["审批要求是什么"]) is None
    engine.close()


def test_words_are_tried_as_an_agent_of_their_region_sees_them(installation):
    factories.publish(installation, "everywhere", title="电视没信号怎么办", wordings=("一个台都没有",))
    factories.publish(installation, "here", wordings=("盒子冒绿光",), regions=("wanglan",))
    factories.publish(
        installation,
        "leaders",
        title="咕噜转圈",
        wordings=("咕噜咕噜转圈圈",),
        audience=(Role.MANAGER, Role.REVIEWER),
        script="",
        steps="",
    )
    installation.reindex()

    def place(key, text, region=None):
        with installation.sessions() as session:
            (found,) = gaps.try_words(
                installation.search, session, key, [Tried(7, text, region, 2)], now=installation.clock()
            )
        assert (found.phrasing_id, found.text, found.region_key, found.agents) == (7, text, region, 2)
        return found.place

    assert place("here", "盒子冒绿光") == 1
    assert place("here", "盒子冒绿光", "wanglan") == 1
    assert place("here", "盒子冒绿光", "yunxi") is None
    assert place("everywhere", "一个台都没有") == 1
    assert place("leaders", "咕噜咕噜转圈圈") is None


def test_what_is_nearest_says_whose_a_gap_is(installation):
    factories.publish(installation, "los")
    factories.publish(installation, "tv", title="电视没信号", module_key="tv.signal", wordings=("一个台都没有",))
    installation.reindex()
    with installation.sessions() as session:
        now = installation.clock()
        assert gaps.nearest_module(installation.search, session, "电视信号", now=now) == "tv.signal"
        assert gaps.nearest_module(installation.search, session, "zzzz", now=now) is None
