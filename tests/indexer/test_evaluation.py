from pathlib import Path

import pytest

from indexer import relevance
from indexer.evaluation import EngineMaker, Laboratory, compare, complete_at_once, confidences, evaluate
from kb.errors import InvalidInputError
from tests.support.relevance import TunedEngine, write_set, write_tiny


def unwatched(done, total):
    """Show no progress."""


@pytest.fixture
def tiny(tmp_path):
    return relevance.load(write_tiny(tmp_path / "tiny"))


@pytest.fixture
def opened():
    """The engines a laboratory opened: folder, settings."""
    return []


@pytest.fixture
def laboratory(analysis, opened):
    def make(folder, analysis, settings):
        opened.append((folder, dict(settings)))
        return TunedEngine(folder, analysis, settings)

    with Laboratory(analysis, EngineMaker(make, complete_at_once, confidences)) as made:
        yield made


def test_a_set_is_measured_on_a_real_index(tmp_path, analysis):
    folder = write_set(
        tmp_path / "set",
        [
            {"_id": "d1", "title": "光猫红灯", "metadata": {"aliases": ["盒子亮红灯"]}},
            {"_id": "d2", "title": "电子发票", "text": "怎么开发票"},
        ],
        [
            {"_id": "q1", "text": "盒子亮红灯了"},
            {"_id": "q2", "text": "开发票", "metadata": {"self": "d2"}},
            {"_id": "q3", "text": "zzzz"},
        ],
        [("q1", "d1", 1), ("q2", "d1", 1), ("q3", "d1", 1)],
    )
    steps = []
    with Laboratory(analysis) as laboratory:
        found = evaluate(relevance.load(folder), laboratory, lambda done, total: steps.append((done, total)))
    assert (found.name, found.queries, found.documents) == ("set", 3, 2)
    assert found.scores["mrr@10"].tolist() == [1.0, 0.0, 0.0]
    assert list(found.found) == [1, 0, 0]  # the second found its own document only
    assert found.empty == pytest.approx(2 / 3)
    assert len(found.milliseconds) == 3
    assert steps == [(1, 2), (2, 2), (1, 3), (2, 3), (3, 3)]


def test_a_long_text_can_be_found_and_a_short_one_is_a_title(tmp_path, laboratory):
    long = "月租从次月一号开始按新的标准收取" * 40
    folder = write_set(
        tmp_path / "set",
        [{"_id": "long", "text": long}, {"_id": "short", "text": "宽带移机"}],
        [{"_id": "q1", "text": "月租什么时候按新标准收"}, {"_id": "q2", "text": "宽带移机"}],
        [("q1", "long", 1), ("q2", "short", 1)],
    )
    found = evaluate(relevance.load(folder), laboratory, unwatched)
    assert found.scores["recall@1"].tolist() == [1.0, 1.0]


def test_the_index_is_complete_before_anything_is_asked(analysis, tiny):
    happened = []

    class Watched(TunedEngine):
        def search(self, *arguments, **named):
            happened.append("asked")
            return super().search(*arguments, **named)

    def complete(engine):
        happened.append(f"complete {engine.status().documents}")

    with Laboratory(analysis, EngineMaker(Watched, complete, confidences)) as laboratory:
        evaluate(tiny, laboratory, unwatched)
    assert happened == ["complete 2", "asked", "asked"]


def test_sets_with_the_same_documents_share_an_index(tmp_path, laboratory, opened, tiny):
    evaluate(tiny, laboratory, unwatched)
    evaluate(relevance.load(write_tiny(tmp_path / "same")), laboratory, unwatched)
    assert len({folder for folder, _ in opened}) == 1
    other = write_set(
        tmp_path / "other", [{"_id": "d1", "title": "移机"}], [{"_id": "q", "text": "移机"}], [("q", "d1", 1)]
    )
    evaluate(relevance.load(other), laboratory, unwatched)
    assert len({folder for folder, _ in opened}) == 2


def test_two_settings_are_compared_on_one_index(tmp_path, laboratory, opened):
    folder = write_set(
        tmp_path / "set",
        [{"_id": "d1", "title": "光猫红灯"}, {"_id": "d2", "title": "光猫更换"}],
        [{"_id": "q1", "text": "光猫红灯"}, {"_id": "q2", "text": "光猫更换"}, {"_id": "q3", "text": "光猫红灯"}],
        [("q1", "d1", 1), ("q2", "d2", 1), ("q3", "d2", 1)],
    )
    found = compare(relevance.load(folder), laboratory, {"worst_first": "yes"}, unwatched)
    assert found.defaults.scores["mrr@10"].tolist() == [1.0, 1.0, 0.5]
    assert found.other.scores["mrr@10"].tolist() == [0.5, 0.5, 1.0]
    differences = found.differences["mrr@10"]
    assert (differences.wins, differences.losses, differences.ties) == (1, 2, 0)
    assert differences.mean.value == pytest.approx(-1 / 6)
    assert set(found.differences) == {"mrr@10", "ndcg@10"}
    (first, none), (second, changed) = opened
    assert (first, none, changed) == (second, {}, {"worst_first": "yes"})


def test_settings_that_need_another_index_get_one(laboratory, opened, tiny):
    found = compare(tiny, laboratory, {"edition": "2"}, unwatched)
    folders = [folder for folder, settings in opened if settings == {"edition": "2"}]
    assert len(set(folders)) == 2
    assert found.differences["mrr@10"].ties == 2
    again = compare(tiny, laboratory, {"edition": "2"}, unwatched)
    assert again.differences["mrr@10"].ties == 2
    assert len({folder for folder, _ in opened}) == 2  # both indexes are there already


def test_an_unknown_setting_is_told_the_known_ones(laboratory, tiny):
    with pytest.raises(InvalidInputError, match="没有设置 sense；可以调的有：edition, worst_first"):
        compare(tiny, laboratory, {"sense": "0"}, unwatched)


def test_the_installations_engine_has_the_settings_of_its_ranking(analysis, tiny):
    with Laboratory(analysis) as laboratory:
        found = compare(tiny, laboratory, {"embedder": "none", "text": "0.2"}, unwatched)
        assert found.other.queries == 2
        with pytest.raises(InvalidInputError, match="没有设置 nonsense"):
            compare(tiny, laboratory, {"nonsense": "0"}, unwatched)


def test_indexes_are_thrown_away(analysis, opened, tiny):
    def make(folder, analysis, settings):
        opened.append((folder, settings))
        return TunedEngine(folder, analysis, settings)

    with Laboratory(analysis, EngineMaker(make, complete_at_once, confidences)) as laboratory:
        evaluate(tiny, laboratory, unwatched)
        assert Path(opened[0][0]).is_dir()
    assert not Path(opened[0][0]).exists()


def test_questions_without_an_answer_are_less_sure(tmp_path, laboratory):
    folder = write_set(
        tmp_path / "set",
        [
            {"_id": "d1", "title": "光猫红灯"},
            {"_id": "d2", "title": "光猫更换"},
            {"_id": "d3", "title": "电子发票"},
            {"_id": "own", "title": "光猫红灯亮"},
        ],
        [{"_id": "q1", "text": "光猫红灯", "metadata": {"self": "own"}}, {"_id": "q2", "text": "电子发票"}],
        [("q1", "d1", 1), ("q2", "d3", 1)],
    )
    (found,) = laboratory.calibrate(relevance.load(folder), unwatched)
    assert (found.name, found.questions, found.auc.value) == ("confidence", 2, 1.0)
    assert found.best.shown == found.best.withheld == 1.0


def test_the_confidence_passes_over_what_is_hidden(laboratory, tiny):
    confidence = confidences(laboratory.engine(tiny.documents, {}, unwatched))["confidence"]
    assert confidence("光猫红灯", ()) > 0
    assert confidence("光猫红灯", {"d1"}) == 0.0
