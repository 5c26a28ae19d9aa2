"""``kb search``."""

import pytest

from indexer.locks import exclusive
from kb.permissions import Role
from tests.support import factories


@pytest.fixture
def _filled(installation):
    factories.publish(installation, "los", regions=("hedong",))
    factories.publish(installation, "secret", audience=(Role.MANAGER, Role.REVIEWER))
    factories.draft(installation, "unfinished")
    factories.thread(installation, "rain")


pytestmark = pytest.mark.usefixtures("_filled")


def found(kb, *arguments):
    return {hit["id"] for hit in kb.json("search", "红灯", *arguments)["hits"]}


def test_what_programs_get(kb):
    answer = kb.json("search", "盒子亮红灯上不了网", "--as", "agent")
    assert {"query", "took_ms", "total", "hits"} <= answer.keys()
    assert (answer["query"], answer["total"]) == ("盒子亮红灯上不了网", 1)
    assert answer["took_ms"] >= 0
    (hit,) = answer["hits"]
    assert list(hit)[:6] == ["id", "title", "kind", "level", "score", "highlights"]
    assert (hit["id"], hit["title"], hit["kind"], hit["level"]) == ("los", "光猫 LOS 红灯", "faq", 2)
    assert hit["score"] > 0
    assert "<mark>" in hit["wording"] or any("<mark>" in text for text in hit["highlights"])


def test_what_people_get(kb):
    result = kb("search", "红灯", "--as", "agent")
    assert (result.exit_code, result.stderr) == (0, "")
    first, *middle, last = result.stdout.splitlines()
    assert first == " 1. 光猫 LOS 红灯  L2 los"
    assert "尾纤插紧" in "".join(middle)
    assert last.startswith("共 1 条，用时 ")


def test_titles_are_shown_as_they_were_written(kb, installation):
    title = "[red] & <b>红灯</b> [/red] :bulb:"
    factories.publish(installation, "odd", title=title)
    assert f"{title}  L2 odd" in kb("search", "bulb").stdout


def test_the_owner_of_the_machine_sees_all_that_is_published(kb):
    assert found(kb) == {"los", "secret"}


@pytest.mark.parametrize(
    ("username", "ids"), [("agent", {"los"}), ("expert", {"los"}), ("manager", {"los", "secret"}), ("admin", {"los"})]
)
def test_as_somebody_means_what_they_may_see(kb, username, ids):
    assert found(kb, "--as", username) == ids


def test_filters_and_limit(kb, installation):
    factories.publish(installation, "tv", module_key="tv")
    assert found(kb, "--module", "tv") == {"tv"}
    assert found(kb, "--module", "tv", "--module", "fault.broadband") == {"los", "secret", "tv"}
    assert found(kb, "--region", "jiangyang") == {"secret", "tv"}
    assert found(kb, "--threads") == {"rain"}
    answer = kb.json("search", "红灯", "--limit", "1")
    assert (answer["total"], len(answer["hits"])) == (3, 1)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--module", "nowhere"), "没有这个业务模块：nowhere"),
        (("--region", "nowhere"), "没有这个区域：nowhere"),
        (("--as", "nobody"), "没有这个用户：nobody"),
    ],
)
def test_what_does_not_exist_is_said_plainly(kb, arguments, sentence):
    result = kb("search", "红灯", *arguments)
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", f"{sentence}\n")


@pytest.mark.parametrize(
    "arguments", [(), ("红灯", "--limit", "0"), ("红灯", "--limit", "101"), ("红灯", "--nonsense")]
)
def test_a_wrong_call_ends_with_2(kb, arguments):
    assert kb("search", *arguments).exit_code == 2


@pytest.mark.parametrize("text", ["", "   ", "？！", "\ud800"])
def test_a_question_without_words_has_no_answers(kb, text):
    result = kb("search", text)
    assert result.exit_code == 0
    assert result.stdout.startswith("共 0 条")


def test_an_index_that_somebody_else_keeps_is_used_as_it_is(kb, installation):
    installation.reindex()
    factories.publish(installation, "new")
    with exclusive(installation.settings.home / "locks" / "follower.lock"):
        result = kb("search", "红灯")
        assert result.exit_code == 0
        assert "共 2 条" in result.stdout
        assert result.stderr.startswith("索引还在追赶 ")
        assert kb.json("search", "红灯")["index"]["lag"] > 0
    assert "new" in found(kb)


def test_it_explains_itself(kb):
    answer = kb.json("search", "盒子亮红灯", "--explain", "--compare", "secret")
    hit = answer["hits"][0]
    assert sum(part["points"] for part in hit["parts"].values()) * hit["maturity"] == pytest.approx(
        hit["score"], abs=1e-6
    )
    assert (answer["compared"]["id"], answer["compared"]["standing"]) == ("secret", "ranked")
    shown = kb("search", "盒子亮红灯", "--explain", "--region", "jiangyang", "--compare", "los").output
    assert "合计 × 成熟度" in shown
    assert "不适用于这个区域" in shown
    assert kb("search", "盒子亮红灯", "--explain", "--as", "agent").exit_code != 0
