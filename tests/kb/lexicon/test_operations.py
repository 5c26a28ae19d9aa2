from datetime import timedelta

import pytest

from kb.db import unit_of_work
from kb.errors import ConflictError, InvalidInputError, PermissionDeniedError
from kb.events.models import Verb
from kb.lexicon import operations, queries
from kb.lexicon.models import Direction, PartOfSpeech, Pin, Synonym, Word, WordList
from kb.lexicon.rules import PinFacts, SynonymFacts, WordFacts, in_force
from kb.permissions import Role
from tests.support import factories

CAT = SynonymFacts(direction=Direction.ONE_WAY, said=("猫儿",), ours=("光猫",))


@pytest.fixture
def manager(any_installation):
    return any_installation.actors[Role.MANAGER]


def run(installation, verb, *arguments, **options):
    with unit_of_work(installation.sessions) as session:
        return verb(session, *arguments, now=installation.clock(), **options)


def trail(installation, word_list):
    with installation.sessions() as session:
        return [(event.verb, event.payload) for event in queries.changes(session, word_list, limit=20)]


def test_a_synonym_is_added_revised_and_removed_and_the_trail_says_so(any_installation, manager):
    row = run(any_installation, operations.add_synonym, manager, CAT)
    changed = SynonymFacts(direction=Direction.TWO_WAY, said=("猫儿", "光猫"), note="南片的说法")
    row = run(any_installation, operations.revise_synonym, manager, row.id, changed, version=1)
    assert (row.version, row.said, row.ours, row.note) == (2, ["光猫", "猫儿"], [], "南片的说法")
    run(any_installation, operations.remove, manager, Synonym, row.id, version=2)
    assert trail(any_installation, WordList.SYNONYM) == [
        (Verb.REMOVED, {"text": "光猫, 猫儿"}),
        (Verb.REVISED, {"text": "光猫, 猫儿", "before": "猫儿 => 光猫"}),
        (Verb.CREATED, {"text": "猫儿 => 光猫"}),
    ]
    with any_installation.sessions() as session:
        assert queries.load(session).synonyms == []


def test_the_same_word_twice_is_a_conflict(any_installation, manager):
    run(any_installation, operations.add_word, manager, WordFacts(text="云宽带"))
    other = run(any_installation, operations.add_word, manager, WordFacts(text="全屋光"))
    with pytest.raises(ConflictError, match="已经有了"):
        run(any_installation, operations.add_word, manager, WordFacts(text="云宽带"))
    with pytest.raises(ConflictError, match="已经有了"):
        run(any_installation, operations.revise_word, manager, other.id, WordFacts(text="云宽带"), version=1)
    assert len(trail(any_installation, WordList.WORD)) == 2


def test_two_people_can_not_change_the_same_row_from_the_same_reading(any_installation, manager):
    colleague = factories.person(any_installation, "lina", Role.MANAGER)
    row = run(any_installation, operations.add_word, manager, WordFacts(text="云宽带"))
    noun = WordFacts(text="云宽带", part_of_speech=PartOfSpeech.NOUN)
    run(any_installation, operations.revise_word, colleague, row.id, noun, version=1)
    with pytest.raises(ConflictError, match="lina刚刚改过这一行，现在是“云宽带”"):
        run(any_installation, operations.revise_word, manager, row.id, WordFacts(text="云网"), version=1)
    with pytest.raises(ConflictError, match="刚刚改过"):
        run(any_installation, operations.remove, manager, Word, row.id, version=1)
    run(any_installation, operations.remove, manager, Word, row.id, version=2)
    with pytest.raises(ConflictError, match="删掉"):
        run(any_installation, operations.revise_word, colleague, row.id, noun, version=2)


def test_pins_of_one_query_stand_in_order(any_installation, manager):
    for key in ("a", "b", "c"):
        factories.publish(any_installation, key)
    first = run(any_installation, operations.add_pin, manager, PinFacts(query="断网 了", entry="a"))
    second = run(any_installation, operations.add_pin, manager, PinFacts(query="断网  了", entry="b"))
    third = run(any_installation, operations.add_pin, manager, PinFacts(query="退订", entry="c"))
    assert (first.position, second.position, third.position) == (1, 2, 1)
    run(any_installation, operations.revise_pin, manager, third.id, PinFacts(query="断网 了", entry="c"), version=1)
    with any_installation.sessions() as session:
        total, rows = queries.pins(session, "断网", limit=10)
        assert (total, [(pin.entry.key, pin.position) for pin in rows]) == (3, [("a", 1), ("b", 2), ("c", 3)])


def test_an_entry_is_pinned_to_a_query_once_and_must_exist(any_installation, manager):
    factories.publish(any_installation, "a")
    row = run(any_installation, operations.add_pin, manager, PinFacts(query="断网", entry="a"))
    with pytest.raises(ConflictError):
        run(any_installation, operations.add_pin, manager, PinFacts(query="断网", entry="a"))
    with pytest.raises(InvalidInputError, match="没有编号是“nowhere”") as raised:
        run(any_installation, operations.add_pin, manager, PinFacts(query="断网", entry="nowhere"))
    assert raised.value.field == "entry"
    run(any_installation, operations.remove, manager, Pin, row.id, version=1)


def test_a_pin_holds_from_its_start_to_before_its_end(any_installation, manager):
    factories.publish(any_installation, "a")
    now, hour = any_installation.clock(), timedelta(hours=1)
    facts = PinFacts(query="断网", entry="a", valid_from=now, valid_until=now + hour)
    pin = run(any_installation, operations.add_pin, manager, facts)
    moments = [now + delta for delta in (-hour / 60, hour * 0, hour * 0.99, hour)]
    assert [in_force(pin.valid_from, pin.valid_until, moment) for moment in moments] == [False, True, True, False]


def test_shipped_lines_are_switched_off_and_on_once(any_installation, manager):
    for on in (False, False, True, True):
        run(any_installation, operations.switch, manager, WordList.SYNONYM, "猫 => 光猫", on=on)
    assert [verb for verb, _ in trail(any_installation, WordList.SYNONYM)] == [Verb.SWITCHED_ON, Verb.SWITCHED_OFF]
    with pytest.raises(InvalidInputError):
        run(any_installation, operations.switch, manager, WordList.PIN, "x", on=False)


def test_a_dismissed_word_stays_dismissed(any_installation, manager):
    for _ in range(2):
        run(any_installation, operations.dismiss, manager, "云宽带")
    with any_installation.sessions() as session:
        assert queries.dismissed(session) == {"云宽带"}
    assert [verb for verb, _ in trail(any_installation, WordList.WORD)] == [Verb.DISMISSED]


@pytest.mark.parametrize(
    ("verb", "arguments", "options"),
    [
        (operations.add_synonym, [CAT], {}),
        (operations.revise_synonym, [1, CAT], {"version": 1}),
        (operations.add_word, [WordFacts(text="云宽带")], {}),
        (operations.revise_word, [1, WordFacts(text="云宽带")], {"version": 1}),
        (operations.add_pin, [PinFacts(query="断网", entry="a")], {}),
        (operations.revise_pin, [1, PinFacts(query="断网", entry="a")], {"version": 1}),
        (operations.remove, [Word, 1], {"version": 1}),
        (operations.switch, [WordList.WORD, "光猫"], {"on": False}),
        (operations.dismiss, ["云宽带"], {}),
    ],
)
def test_only_a_knowledge_manager_may(installation, verb, arguments, options):
    for role in set(Role) - {Role.MANAGER}:
        with pytest.raises(PermissionDeniedError):
            run(installation, verb, installation.actors[role], *arguments, **options)
