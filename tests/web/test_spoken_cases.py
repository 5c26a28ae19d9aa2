"""Sixty spoken questions, grouped by what makes them hard: no group may find fewer than it once did."""

from collections import Counter

import pytest

from indexer.engine import Filters
from kb.settings import PROJECT
from tests.web.spoken import AGENT, SHOWN, Group, ask_all, found_by_group, markdown, off_topic, spoken_cases

MINIMUM = {
    Group.COLLOQUIAL: 4,
    Group.TYPO: 6,
    Group.HOMOPHONE: 6,
    Group.PINYIN: 6,
    Group.INITIALS: 6,
    Group.TRADITIONAL: 6,
    Group.PRODUCT_CODE: 6,
    Group.HALF_SENTENCE: 6,
    Group.TWO_TOPICS: 6,
    Group.ONE_CHARACTER: 6,
}
"""Cases of each group that are found at least. Raise a figure when search gets better; never lower one."""


OFF_TOPIC_CAUGHT = 0.55
"""The share of the questions no entry answers that get no answer, by words alone. Raise it; never lower it."""
WITHHELD = 2
"""Spoken cases that get no answer at all; what is nearest is shown all the same. Lower it; never raise it."""


@pytest.fixture
def outcomes(filled):
    return ask_all(filled)


def test_every_group_finds_as_many_as_it_ever_did(outcomes):
    found = found_by_group(outcomes)
    print(markdown(outcomes))
    missed = [f"{outcome.case.question} → {outcome.first}" for outcome in outcomes if not outcome.found]
    assert {group: found[group] for group in Group if found[group] < MINIMUM[group]} == {}, missed


def test_the_cases_are_sixty_different_questions_at_least_five_a_group():
    cases = spoken_cases()
    assert len({case.question for case in cases}) == len(cases) == 60
    assert min(Counter(case.group for case in cases).values()) >= 5
    assert {case.group for case in cases} == set(Group)


def test_every_answer_is_an_entry_that_ships():
    entries = {path.stem for path in (PROJECT / "content" / "entries").rglob("*.md")}
    assert frozenset().union(*(case.answers for case in spoken_cases())) <= entries


def test_no_off_topic_question_is_a_spoken_case():
    questions = [question for kind in off_topic().values() for question in kind]
    assert len(set(questions)) == len(questions) == 60
    assert not {case.question for case in spoken_cases()} & set(questions)


def test_most_off_topic_questions_get_no_answer_and_hardly_a_spoken_case_is_withheld(filled):
    actor = filled.actor(AGENT)
    with filled.sessions() as session:

        def answered(text):
            return filled.search.run(session, actor, text, Filters(), now=filled.clock(), limit=1).answered

        off = [text for kind in off_topic().values() for text in kind]
        wrongly = [text for text in off if answered(text)]
        withheld = [case.question for case in spoken_cases() if not answered(case.question)]
    assert len(wrongly) <= (1 - OFF_TOPIC_CAUGHT) * len(off), wrongly
    assert len(withheld) <= WITHHELD, withheld


def test_did_you_mean_leads_to_what_was_asked_and_is_never_offered_for_what_is_found_right(filled, outcomes):
    actor = filled.actor(AGENT)
    with filled.sessions() as session:

        def asked(text):
            return filled.search.run(session, actor, text, Filters(), now=filled.clock(), limit=SHOWN)

        results = {outcome.case: asked(outcome.case.question) for outcome in outcomes}
        offered = {case: found.did_you_mean or found.put_right for case, found in results.items()}
        for case, text in offered.items():
            if text is not None:
                assert case.group in (Group.TYPO, Group.HOMOPHONE), (case, text)
                assert case.answers & {hit.id for hit in asked(text).hits}, (case, text)
    assert any(offered.values())
