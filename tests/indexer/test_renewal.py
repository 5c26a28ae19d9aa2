"""While changed words have the index built anew: edits, searches, and what another process does."""

from contextlib import contextmanager

import pytest

from indexer import gathering, maintenance
from indexer.embedded.build import GenerationBuild
from indexer.embedded.cutting import WORDS
from indexer.engine import Filters
from indexer.locks import exclusive
from indexer.text import TermKind
from kb.lexicon import operations
from kb.lexicon.models import Word
from kb.permissions import SYSTEM
from tests.support import factories, lexicon
from tests.support.threads import Gate, wait_until

QUESTION = "云宽带开通"
BEFORE, AFTER = ["云", "宽带", "开通"], ["云宽带", "开通"]
PLAIN = {"answer": "按页面办理。", "script": "", "steps": "", "wordings": ()}


def run(installation, text):
    with installation.sessions() as session:
        return installation.search.run(session, SYSTEM, text, Filters(), now=installation.clock(), limit=50)


def titles(installation, text="红灯"):
    return {hit.plain_title for hit in run(installation, text).hits}


def cuts(installation, text=QUESTION):
    """How questions are cut that the installation's process answers now."""
    with installation.sessions() as session:
        return installation.search.lexicon.answering(session).analysis.segmenter.pieces(text)


def agrees(installation):
    report = maintenance.check(installation.sessions, installation.search.engine)
    return (report.pending, report.differences) == (0, ())


def generation(installation):
    return installation.search.engine.status().generation


def folders(installation):
    return [path.name for path in installation.settings.index_path.iterdir() if path.is_dir()]


def is_current(installation):
    return installation.search.engine.status().current


@pytest.fixture
def gate(monkeypatch):
    """What every build comes to when its documents are written and nothing is committed yet."""
    gate, commit = Gate(), GenerationBuild.commit

    def held(self, watermark):
        gate.come()
        commit(self, watermark)

    monkeypatch.setattr(GenerationBuild, "commit", held)
    yield gate
    gate.open()


@pytest.fixture
def reading(monkeypatch):
    """What everybody comes to who reads all documents there are."""
    gate, everything = Gate(), gathering.everything

    def held(session):
        gate.come()
        yield from everything(session)

    monkeypatch.setattr("indexer.gathering.everything", held)
    yield gate
    gate.open()


@pytest.fixture
def another(analysis):
    """Makes other processes on the same folder and database, as far as one process can."""
    made = []

    def make(installation):
        made.append(type(installation)(installation.settings, installation.engine, analysis, installation.clock))
        lexicon.look(made[-1])
        return made[-1]

    yield make
    for other in made:
        other.search.engine.close()


@contextmanager
def following(installation, gate):
    """Let the follower run, and see it end."""
    stop = installation.follower.start(poll_seconds=0.01)
    try:
        yield
    finally:
        gate.open()
        stop.set()
        ended(installation)


def ended(installation):
    """Wait until no follower is at work."""
    with exclusive(installation.settings.home / "locks" / "follower.lock", wait=True):
        pass


def fill(installation, gate):
    """An entry, an index of it with other words than the files', and a gate that is shut for what is built next."""
    lexicon.word(installation, "云电视")
    factories.publish(installation, "cloud", title="云宽带开通", **PLAIN)
    installation.reindex()
    gate.shut()


def change(installation, gate, word="云宽带"):
    """Add a word, and wait until the index is being built with it."""
    lexicon.word(installation, word)
    gate.await_somebody()


def test_an_edit_is_found_before_and_after_the_words_are(any_installation, gate):
    fill(any_installation, gate)
    before = generation(any_installation)
    with following(any_installation, gate):
        change(any_installation, gate)
        factories.publish(any_installation, "new", title="新写的 红灯")
        factories.revise(any_installation, "cloud", title="云宽带办理")
        wait_until(lambda: titles(any_installation) == {"新写的 红灯"})
        wait_until(lambda: titles(any_installation, "云宽带") == {"云宽带办理"})
        wait_until(lambda: agrees(any_installation))
        assert (generation(any_installation), is_current(any_installation)) == (before, False)
        gate.open()
        wait_until(lambda: is_current(any_installation))
        assert titles(any_installation) == {"新写的 红灯"}
        assert titles(any_installation, "云宽带") == {"云宽带办理"}
    assert generation(any_installation) != before
    assert gate.passed == 1
    assert agrees(any_installation)


def test_questions_are_cut_as_the_generation_that_answers_them(installation, gate, another):
    """In this process, in one that was there before the change, and in one that is started after it."""
    fill(installation, gate)
    earlier = another(installation)
    with following(installation, gate):
        change(installation, gate)
        later = another(installation)
        lexicon.look(earlier)
        for process in (installation, earlier, later):
            assert process.search.engine.analysis.segmenter.pieces(QUESTION) == AFTER
            assert cuts(process) == BEFORE
            assert titles(process, "云宽带") == {"云宽带开通"}
            assert looked_up(process, QUESTION) >= {("云", True), ("宽带", True)}
        gate.open()
        wait_until(lambda: is_current(installation))
        for process in (installation, earlier, later):
            assert cuts(process) == AFTER
            assert titles(process, "云宽带") == {"云宽带开通"}
            assert ("云宽带", True) in looked_up(process, QUESTION)


def looked_up(installation, text):
    """The words that *text* is looked up by, each with whether some phrasing holds it."""
    with installation.sessions() as session:
        reasons = installation.search.explain(session, SYSTEM, text, Filters(), now=installation.clock())
    return {(term.text, bool(term.phrasings)) for term in reasons.explanation.terms if term.kind is TermKind.WORD}


def test_a_process_started_after_the_change_takes_edits_into_the_old_generation(installation, gate, another):
    fill(installation, gate)
    before = generation(installation)
    lexicon.word(installation, "云宽带")
    later = another(installation)
    with following(later, gate):
        gate.await_somebody()
        factories.publish(installation, "new", title="云宽带续费", **PLAIN)
        wait_until(lambda: titles(later, "云宽带") == {"云宽带开通", "云宽带续费"})
        assert generation(later) == before
        assert ("云", True) in looked_up(later, "云宽带续费")
        wait_until(lambda: agrees(later))


def test_a_synonym_works_at_once_with_the_words_of_the_old_generation(installation, gate):
    fill(installation, gate)
    with following(installation, gate):
        change(installation, gate)
        lexicon.synonym(installation, "小云卡", "云宽带")
        wait_until(lambda: titles(installation, "小云卡") == {"云宽带开通"})
        assert cuts(installation) == BEFORE


def test_words_that_change_twice_are_built_twice_and_edits_go_on(installation, gate):
    fill(installation, gate)
    first = generation(installation)
    with following(installation, gate):
        change(installation, gate)
        lexicon.word(installation, "红灯云")
        lexicon.look(installation)
        factories.publish(installation, "new", title="新写的 红灯")
        wait_until(lambda: titles(installation) == {"新写的 红灯"})
        assert (generation(installation), cuts(installation)) == (first, BEFORE)
        gate.let_one_pass()
        gate.await_somebody()  # for the second word
        factories.publish(installation, "newer", title="更新的 红灯")
        wait_until(lambda: titles(installation) == {"新写的 红灯", "更新的 红灯"})
        gate.open()
        wait_until(lambda: is_current(installation) and agrees(installation))
        assert cuts(installation, "红灯云宽带") == ["红灯云", "宽带"]
    assert gate.passed == 2
    assert agrees(installation)


def test_a_word_taken_back_before_it_was_built_leaves_the_generation(installation, gate, reading):
    fill(installation, gate)
    before = generation(installation)
    reading.shut()
    with following(installation, gate):
        word = lexicon.word(installation, "云宽带")
        reading.await_somebody()
        assert not is_current(installation)
        lexicon.change(installation, operations.remove, Word, word.id, version=1)
        wait_until(lambda: is_current(installation))  # the old generation is the right one again
        reading.open()
        factories.publish(installation, "new", title="新写的 红灯")
        wait_until(lambda: titles(installation) == {"新写的 红灯"})
        wait_until(lambda: agrees(installation))
    assert (generation(installation), is_current(installation)) == (before, True)
    assert folders(installation) == [before]
    assert agrees(installation)


def test_pins_stand_first_before_and_after(installation, gate):
    """请问 is filler; in the new word it is none. Pins and questions must be understood with the same words."""
    fill(installation, gate)
    factories.publish(installation, "pinned", title="甲", **PLAIN)
    installation.reindex()
    lexicon.pin(installation, "请问办云宽带", "pinned")
    lexicon.look(installation)

    def first(text):
        return run(installation, text).hits[0].id

    assert [first(text) for text in ("请问办云宽带", "办云宽带")] == ["pinned", "pinned"]
    with following(installation, gate):
        change(installation, gate, "请问办")
        lexicon.look(installation)
        assert installation.search.engine.analysis.segmenter.pieces("请问办云宽带")[0] == "请问办"
        assert [first(text) for text in ("请问办云宽带", "办云宽带")] == ["pinned", "pinned"]
        gate.open()
        wait_until(lambda: is_current(installation))
        assert [first(text) for text in ("请问办云宽带", "办云宽带")] == ["pinned", "cloud"]


def test_marks_and_suggestions_go_on(installation, gate):
    fill(installation, gate)
    before = run(installation, "云宽带").hits[0].title

    def suggested(text):
        found = installation.search.suggest(SYSTEM, text, Filters(), now=installation.clock())
        return {suggestion.text for suggestion in found}

    with following(installation, gate):
        change(installation, gate)
        factories.publish(installation, "new", title="云电脑开通", **PLAIN)
        wait_until(lambda: "云电脑开通" in suggested("云"))
        assert suggested("云") >= {"云宽带开通", "云电脑开通"}
        assert run(installation, "云宽带").hits[0].title == before
        (new,) = (hit for hit in run(installation, "云电脑").hits if hit.id == "new")
        assert "<mark>云电脑</mark>" in new.title
        gate.open()
        wait_until(lambda: is_current(installation))
        wait_until(lambda: suggested("云") >= {"云宽带开通", "云电脑开通"})
        assert "<mark>云宽带</mark>" in run(installation, "云宽带").hits[0].title


DAMAGES = (
    None,
    b"",
    b'[["\xe4\xba\x91',
    b"\xff\xfe\x00",
    b"null",
    b"{}",
    b"[[1, 2]]",
    b"[7]",
    '[["云宽带", null, "n"]]'.encode(),
)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_generation_that_does_not_know_its_words_is_built_anew_with_nothing_lost(installation, gate, another, damage):
    fill(installation, gate)
    kept = installation.settings.index_path / generation(installation) / WORDS
    if damage is None:
        kept.unlink()
    else:
        kept.write_bytes(damage)
    lexicon.word(installation, "云宽带")
    later = another(installation)
    assert not later.search.engine.takes_changes()
    with following(later, gate):
        gate.await_somebody()
        factories.publish(installation, "new", title="新写的 红灯")
        assert titles(later, "云宽带") == {"云宽带开通"}
        gate.open()
        wait_until(lambda: titles(later) == {"新写的 红灯"})
        wait_until(lambda: agrees(later))
    assert is_current(later)
    assert titles(later, "云宽带") == {"云宽带开通"}
    assert agrees(later)


def test_a_process_that_knows_the_words_does_not_ask_the_file(installation, gate):
    fill(installation, gate)
    (installation.settings.index_path / generation(installation) / WORDS).unlink()
    with following(installation, gate):
        change(installation, gate)
        factories.publish(installation, "new", title="新写的 红灯")
        wait_until(lambda: titles(installation) == {"新写的 红灯"})
        lexicon.synonym(installation, "小云卡", "云宽带")
        wait_until(lambda: titles(installation, "小云卡") == {"云宽带开通"})
        assert not is_current(installation)


def test_a_stopped_follower_leaves_a_build_and_the_next_one_begins_it_again(installation, gate, reading):
    fill(installation, gate)
    before = generation(installation)
    reading.shut()
    lexicon.word(installation, "云宽带")
    stop = installation.follower.start(poll_seconds=0.01)
    reading.await_somebody()
    stop.set()
    reading.open()
    ended(installation)
    assert (generation(installation), folders(installation)) == (before, [before])
    gate.open()
    installation.reindex()
    assert is_current(installation)
    assert agrees(installation)
