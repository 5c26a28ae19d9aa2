"""The figures of item analysis against numpy, against published examples, and on questions broken on purpose."""

import random

import numpy as np
import pytest

from kb.exams.analysis import Flaw, Response, alpha, analyse, correlation

SEED = 20261125


def answers(people=200, questions=12, flip=()):
    """Return answers of a one-parameter model: ability against difficulty; *flip* are inverted ones."""
    chance = random.Random(SEED)
    hard = [(-1.5 + 3 * number / (questions - 1)) for number in range(questions)]
    rows = []
    for _ in range(people):
        ability = chance.gauss(0, 1)
        row = []
        for number in range(questions):
            p = 1 / (1 + 2.718281828 ** (hard[number] - 1.7 * ability))
            right = chance.random() < (1 - p if number in flip else p)
            row.append(1.0 if right else 0.0)
        rows.append(row)
    return rows


def analysed(rows, **known):
    attempts = [[Response(number, share, None) for number, share in enumerate(row)] for row in rows]
    return analyse(attempts, options={}, right={}, **known)


def test_difficulty_discrimination_and_error_are_numpys():
    rows = answers()
    table = np.array(rows)
    for number, figures in analysed(rows).items():
        column = table[:, number]
        rest = (table.sum(axis=1) - column) / (table.shape[1] - 1)
        assert figures.n == len(rows)
        assert figures.difficulty == pytest.approx(column.mean())
        assert figures.error == pytest.approx(column.std() / np.sqrt(len(rows)))
        assert figures.discrimination == pytest.approx(np.corrcoef(column, rest)[0, 1])
        order = np.argsort(rest, kind="stable")
        tail = round(0.27 * len(rows))
        assert figures.upper_lower == pytest.approx(column[order[-tail:]].mean() - column[order[:tail]].mean())


def test_alpha_is_its_formula_and_kr20_for_right_and_wrong():
    rows = answers()
    table = np.array(rows)
    k = table.shape[1]
    assert alpha(rows) == pytest.approx(
        k / (k - 1) * (1 - table.var(axis=0, ddof=1).sum() / table.sum(axis=1).var(ddof=1))
    )
    # For right and wrong it is Kuder and Richardson's formula 20, whose p·q are variances over n.
    p = table.mean(axis=0)
    kr20 = k / (k - 1) * (1 - (p * (1 - p)).sum() / table.sum(axis=1).var())
    assert alpha(rows) == pytest.approx(kr20)


def test_alpha_of_questions_that_say_the_same_is_one_and_of_nothing_is_nothing():
    assert alpha([[1, 1, 1], [0, 0, 0], [1, 1, 1], [0, 0, 0]]) == pytest.approx(1.0)
    assert alpha([[1, 0]]) is None
    assert alpha([[1], [0]]) is None
    assert alpha([[1, 0], [0, 1]]) is None


def test_correlation_where_nothing_varies_is_none():
    assert correlation([1, 1, 1], [0, 1, 2]) is None
    assert correlation([1], [1]) is None
    assert correlation([0, 1, 2], [2, 1, 0]) == pytest.approx(-1.0)


def test_a_question_does_not_correlate_with_itself():
    """With two questions at random the usual item-total correlation would be about .7; the corrected one is near 0."""
    chance = random.Random(SEED)
    rows = [[float(chance.random() < 0.5), float(chance.random() < 0.5)] for _ in range(2000)]
    assert abs(analysed(rows)[0].discrimination) < 0.06


def test_an_inverted_question_is_flagged_and_the_others_are_not():
    figures = analysed(answers(flip={5}))
    assert Flaw.INVERTED in figures[5].flaws
    assert [number for number, found in figures.items() if any(flaw.is_broken for flaw in found.flaws)] == [5]


def test_a_wrong_key_shows_in_what_the_best_choose():
    chance = random.Random(SEED)
    attempts = []
    for row in answers(questions=8):
        knows = sum(row) > 4
        chosen = 2 if knows else chance.choice((0, 1, 3))
        attempts.append(
            [Response(number, share) for number, share in enumerate(row)] + [Response(99, float(chosen == 1), chosen)]
        )
    figures = analyse(attempts, options={99: 4}, right={99: 1})
    assert Flaw.WRONG_KEY in figures[99].flaws
    assert set(figures[99].chosen) == {0, 1, 2, 3}
    assert sum(figures[99].chosen.values()) == len(attempts)
    mended = analyse(
        [[*row[:-1], Response(99, float(row[-1].chosen == 2), row[-1].chosen)] for row in attempts],
        options={99: 4},
        right={99: 2},
    )
    assert mended[99].flaws == ()


def test_too_hard_too_easy_weak_and_idle_options():
    chance = random.Random(SEED)
    attempts = []
    for row in answers(questions=6):
        coin = chance.randrange(3)
        attempts.append(
            [Response(number, share) for number, share in enumerate(row)]
            + [Response(10, 0.0), Response(11, 1.0), Response(12, float(coin == 0), coin)]
        )
    figures = analyse(attempts, options={12: 4}, right={12: 0})
    assert figures[10].flaws == (Flaw.TOO_HARD,)
    assert figures[11].flaws == (Flaw.TOO_EASY,)
    assert Flaw.IDLE_OPTION in figures[12].flaws
    assert figures[10].discrimination is None


def test_nothing_is_called_broken_on_a_handful():
    figures = analysed(answers(people=9, flip={1, 2, 3}))
    assert all(found.flaws == () for found in figures.values())
    assert analysed(answers(people=3))[0].upper_lower is None
