import pytest

from indexer.engine import IndexNotReadyError
from indexer.preview import compare
from kb.db import begin_write
from kb.lexicon import operations
from kb.lexicon.models import Direction
from kb.lexicon.rules import PinFacts, SynonymFacts, WordFacts
from kb.permissions import SYSTEM
from tests.support import factories

QUESTIONS = ["心连心卡", "光猫红灯", "光猫红灯", "怎么设亲情号"]
SYNONYM = SynonymFacts(direction=Direction.ONE_WAY, said=("心连心卡",), ours=("亲情号",))


@pytest.fixture
def filled(installation):
    factories.publish(
        installation,
        "family",
        title="亲情号码设置",
        wordings=("怎么设亲情号",),
        answer="发短信开通。",
        script="",
        steps="",
    )
    factories.publish(installation, "los", title="光猫红灯")
    installation.reindex()
    return installation


def previewed(installation, verb, facts, actor=SYSTEM):
    live = installation.search.lexicon
    with installation.sessions() as session:
        before = live.refresh(session)
        session.rollback()
        begin_write(session)
        verb(session, SYSTEM, facts, now=installation.clock())
        after = live.as_of(session)
        session.rollback()
        return compare(
            installation.search.engine, session, before, after, QUESTIONS, actor=actor, now=installation.clock()
        )


def shown(preview):
    return {
        change.query: ([hit.id for hit in change.before], [hit.id for hit in change.after])
        for change in preview.changes
    }


def test_a_synonym_changes_what_it_is_said_in(filled):
    preview = previewed(filled, operations.add_synonym, SYNONYM)
    assert shown(preview) == {"心连心卡": ([], ["family"])}
    assert (preview.asked, preview.cuts_otherwise) == (3, False)


def test_a_pin_changes_its_question(filled):
    preview = previewed(filled, operations.add_pin, PinFacts(query="光猫红灯", entry="family"))
    assert shown(preview) == {"光猫红灯": (["los"], ["family", "los"])}


def test_a_word_is_tried_on_the_old_index(filled):
    preview = previewed(filled, operations.add_word, WordFacts(text="亲情号码设"))
    assert preview.cuts_otherwise


def test_only_what_is_asked_otherwise_is_searched_for(filled, monkeypatch):
    asked = []
    search = filled.search.engine.search
    monkeypatch.setattr(
        filled.search.engine, "search", lambda query, *a, **b: asked.append(query.text) or search(query, *a, **b)
    )
    previewed(filled, operations.add_synonym, SYNONYM)
    assert asked == ["心连心卡", "心连心卡"]


def test_without_an_index_there_is_no_preview(installation):
    factories.draft(installation, "a")
    with pytest.raises(IndexNotReadyError):
        previewed(installation, operations.add_synonym, SYNONYM)
