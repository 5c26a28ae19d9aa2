import pytest

from kb.maturity.honesty import (
    CHECK_LABELS,
    CHECKS,
    EXPLANATIONS,
    CalledAgain,
    Check,
    Hour,
    Marked,
    Rated,
    Sums,
    findings,
)

A, B, C = 1, 2, 3


def rated(rater, owner, overall, entry=None):
    return Rated(rater=rater, entry=entry or 10 * owner + rater, owner=owner, overall=overall)


def marked(agent, owner, solved, unsolved=0, *, team=1, owner_team=2, entry=None):
    return Marked(
        agent=agent,
        team=team,
        entry=entry or 10 * owner,
        owner=owner,
        owner_team=owner_team,
        solved=solved,
        unsolved=unsolved,
    )


ODD = {
    Check.RECIPROCAL_RATERS: Sums(ratings=[rated(A, B, 5), rated(A, B, 4.6, 99), rated(B, A, 4.8), rated(B, A, 5, 98)]),
    Check.RECIPROCAL_MARKS: Sums(marks=[marked(A, B, 6), marked(B, A, 7)]),
    Check.ONE_TEAM_PRAISE: Sums(marks=[marked(A, B, 8, team=2), marked(C, B, 2)]),
    Check.BURST: Sums(hours=[Hour(entry=20, hour="2026-11-02T01", marks=8, agents=(A, B, A))]),
    Check.ALWAYS_FIVE: Sums(ratings=[rated(A, B, 5.0, entry) for entry in range(10)]),
    Check.CALLED_AGAIN: Sums(calls=[CalledAgain(agent=A, entry=20, marks=10, again=3)]),
}

FINE = {
    "one-sided praise": Sums(ratings=[rated(A, B, 5), rated(A, B, 5, 99)]),
    "mutual but critical": Sums(ratings=[rated(A, B, 3), rated(A, B, 5, 99), rated(B, A, 5), rated(B, A, 5, 98)]),
    "mutual marks that also fail": Sums(marks=[marked(A, B, 6, 1), marked(B, A, 7)]),
    "a few mutual marks": Sums(marks=[marked(A, B, 5), marked(B, A, 5)]),
    "own marks": Sums(marks=[marked(A, A, 9)]),
    "no owner": Sums(marks=[marked(A, None, 9, entry=1)], ratings=[rated(A, None, 5, 1)]),
    "other teams praise too": Sums(marks=[marked(A, B, 7, team=2), marked(C, B, 3)]),
    "a busy hour": Sums(hours=[Hour(entry=20, hour="2026-11-02T01", marks=7, agents=(A,))]),
    "a lenient rater": Sums(ratings=[rated(A, B, 5.0 if entry < 8 else 4.0, entry) for entry in range(10)]),
    "few ratings": Sums(ratings=[rated(A, B, 5.0, entry) for entry in range(9)]),
    "few calls again": Sums(calls=[CalledAgain(agent=A, entry=20, marks=10, again=2)]),
}


@pytest.mark.parametrize("check", list(Check))
def test_each_check_finds_what_it_is_named_after_and_says_it_with_figures(check):
    (finding,) = findings(ODD[check])
    assert finding.check is check
    assert finding.entries
    assert finding.users
    assert check.explanation % dict(finding.facts)
    assert len(finding.key) <= 80


@pytest.mark.parametrize("name", FINE)
def test_what_honest_people_do_is_not_flagged(name):
    assert findings(FINE[name]) == []


def test_every_check_is_run_and_explained():
    assert set(CHECKS) == set(CHECK_LABELS) == set(EXPLANATIONS) == set(Check)


def test_a_finding_keeps_its_key_however_the_sums_are_ordered():
    sums = ODD[Check.RECIPROCAL_MARKS]
    assert findings(sums)[0].key == findings(Sums(marks=sums.marks[::-1]))[0].key
