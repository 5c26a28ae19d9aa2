from kb.db import unit_of_work
from kb.lexicon import operations, queries
from kb.lexicon.models import Direction, WordList
from kb.lexicon.rules import PinFacts, SynonymFacts, WordFacts
from kb.permissions import Role
from tests.support import factories
from tests.support.statements import counted


def fill(installation, count=3):
    manager, now = installation.actors[Role.MANAGER], installation.clock()
    with unit_of_work(installation.sessions) as session:
        for number in range(count):
            facts = SynonymFacts(direction=Direction.ONE_WAY, said=(f"猫{number}",), ours=("光猫",))
            operations.add_synonym(session, manager, facts, now=now)
            operations.add_word(session, manager, WordFacts(text=f"云宽带{number}", note="100%"), now=now)
        operations.add_pin(session, manager, PinFacts(query="断网", entry="a"), now=now)
        operations.switch(session, manager, WordList.WORD, "光猫", on=False, now=now)


def test_the_lexicon_is_five_statements_and_knows_where_it_stands(any_installation):
    factories.publish(any_installation, "a")
    fill(any_installation)
    with any_installation.sessions() as session, counted(any_installation.engine, looks=True) as statements:
        lexicon = queries.load(session)
    assert len(statements) == 5
    assert [row.line for row in lexicon.synonyms] == ["猫0 => 光猫", "猫1 => 光猫", "猫2 => 光猫"]
    assert lexicon.switched_off == {(WordList.WORD, "光猫")}
    with any_installation.sessions() as session:
        assert lexicon.seq == queries.last_change(session) > 0


def test_searching_within_a_list_takes_text_as_it_is(any_installation):
    factories.publish(any_installation, "a")
    fill(any_installation)
    with any_installation.sessions() as session:
        assert queries.synonyms(session, "猫1", limit=10)[0] == 1
        assert queries.words(session, "100%", limit=2)[0] == 3
        assert len(queries.words(session, "１００％", limit=2)[1]) == 2
        assert queries.words(session, "_", limit=2) == (0, [])
        assert queries.pins(session, "断", limit=10)[0] == 1


def test_a_page_of_pins_is_two_statements(installation):
    for key in ("a", "b"):
        factories.publish(installation, key)
    fill(installation)
    with installation.sessions() as session, counted(installation.engine, looks=True) as statements:
        _, rows = queries.pins(session, limit=10)
        assert [pin.entry.shown_revision.title for pin in rows]
    assert len(statements) == 2
