import pytest
import yaml

from kb.db import unit_of_work
from kb.errors import InvalidInputError, PermissionDeniedError
from kb.events import queries as events
from kb.events.models import Subject, Verb
from kb.permissions import SYSTEM, Role
from kb.taxonomy import operations, queries
from kb.taxonomy.models import Module, Region
from tests.support.factories import publish
from tests.support.installation import START
from tests.support.tables import dump


@pytest.fixture
def shipped(content_folder):
    return yaml.safe_load((content_folder / "taxonomy.yaml").read_text(encoding="utf-8"))


@pytest.fixture
def load(any_installation, tmp_path):
    """Bring the tables in step with a file that says what is given."""

    def load_data(data, actor=SYSTEM):
        path = tmp_path / "taxonomy.yaml"
        path.write_text(data if isinstance(data, str) else yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
        with unit_of_work(any_installation.sessions) as session:
            return operations.load_file(session, actor, path, now=START)

    return load_data


def taxonomy(installation):
    with installation.sessions() as session:
        return queries.load(session)


def history(installation):
    with installation.sessions() as session:
        return events.history(session, Subject.TAXONOMY, "taxonomy")


def test_loading_the_same_file_again_changes_nothing_and_leaves_no_event(any_installation, load, shipped):
    before = dump(any_installation.engine)
    assert load(shipped) == sum(len(before[name]) for name in operations.LISTS)
    assert dump(any_installation.engine) == before


def test_what_the_file_says_is_what_is_stored(any_installation, load, shipped):
    shipped["modules"] = [
        {"key": "tv", "name": "电视", "children": [{"key": "tv.card", "name": "智能卡", "name_en": "Cards"}]},
        {"key": "new", "name": "新业务", "name_en": "New", "children": None},
    ]
    terms = load(shipped)
    modules = taxonomy(any_installation).modules
    current = [(term.key, term.name, term.name_en, term.parent) for term in modules.values() if not term.retired]
    assert sorted(current) == [
        ("new", "新业务", "New", None),
        ("tv", "电视", "电视", None),
        ("tv.card", "智能卡", "Cards", "tv"),
    ]
    newest = history(any_installation)[0]
    assert (newest.verb, newest.actor_id, newest.payload) == (Verb.IMPORTED, None, {"terms": terms})


def test_what_is_no_longer_named_is_retired_and_can_come_back(any_installation, load, shipped):
    publish(any_installation, "e")
    fewer = {**shipped, "modules": [item for item in shipped["modules"] if item["key"] != "fault"]}
    load(fewer)
    terms = taxonomy(any_installation)
    assert {key for key, term in terms.modules.items() if term.retired} == terms.modules.below(["fault"])
    assert not any(term.retired for term in terms.regions.values())
    told = len(history(any_installation))
    load(fewer)
    assert len(history(any_installation)) == told, "retired already"
    load(shipped)
    assert len(history(any_installation)) == told + 1
    assert not any(term.retired for term in taxonomy(any_installation).modules.values())


def test_a_module_can_move(any_installation, load, shipped):
    moved = shipped["modules"][0]["children"].pop()
    shipped["modules"][-1]["children"].append(moved)
    load(shipped)
    modules = taxonomy(any_installation).modules
    assert modules.above(moved["key"]) == [moved["key"], "service"]
    assert list(modules)[-1] == moved["key"]


@pytest.mark.parametrize(
    ("damage", "part"),
    [
        (lambda data: data.pop("tiers"), "tiers"),
        (lambda data: data["modules"][0].pop("key"), "modules"),
        (lambda data: data["modules"][0]["children"][1].pop("name"), "modules"),
        (lambda data: data.update(regions=["岚江省"]), "regions"),
        (lambda data: data.update(products=None), "products"),
    ],
)
def test_an_incomplete_file_is_refused_as_a_whole(any_installation, load, shipped, damage, part):
    before = dump(any_installation.engine)
    shipped["modules"][1]["name"] = "改了名"
    damage(shipped)
    with pytest.raises(InvalidInputError, match=f"{part} 部分不完整"):
        load(shipped)
    assert dump(any_installation.engine) == before


@pytest.mark.parametrize("text", ["", "modules: [", "- just\n- a list\n", "一句话"])
def test_what_is_no_taxonomy_is_refused(load, text):
    with pytest.raises(InvalidInputError, match=r"taxonomy\.yaml"):
        load(text)


def test_a_missing_file_and_one_in_another_encoding_are_named(installation, tmp_path):
    odd = tmp_path / "gbk.yaml"
    odd.write_bytes("modules: [] # 模块".encode("gbk"))
    with installation.sessions() as session:
        for path in (odd, tmp_path / "missing.yaml", tmp_path):
            with pytest.raises(InvalidInputError, match=path.name):
                operations.load_file(session, SYSTEM, path, now=START)


def test_the_taxonomy_is_the_managers_and_admins(installation, content_folder):
    may = []
    for role, actor in installation.actors.items():
        with installation.sessions() as session:
            try:
                operations.load_file(session, actor, content_folder / "taxonomy.yaml", now=START)
            except PermissionDeniedError:
                continue
            may.append(role)
    assert may == [Role.MANAGER, Role.ADMIN]


def test_nothing_lasts_without_a_commit(installation, content_folder):
    with unit_of_work(installation.sessions) as session:
        session.get(Module, "tv").name = "旧名"
        session.get(Region, "hedong").retired = True
    before = dump(installation.engine)
    with installation.sessions() as session:
        operations.load_file(session, SYSTEM, content_folder / "taxonomy.yaml", now=START)
        assert session.get(Module, "tv").name != "旧名"
        session.rollback()
    assert dump(installation.engine) == before
