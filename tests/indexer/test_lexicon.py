import threading

from indexer import dictionary, maintenance
from indexer.dictionary import Files, Synonym, Word
from indexer.embedded.ledger import Ledger
from indexer.engine import Filters
from indexer.lexicon import LOOK_SECONDS, LiveLexicon, effective
from kb.db import begin_write
from kb.lexicon import operations
from kb.lexicon.models import Direction, PartOfSpeech, WordList
from kb.lexicon.models import Synonym as KeptSynonym
from kb.lexicon.models import Word as KeptWord
from kb.lexicon.queries import Lexicon
from kb.lexicon.rules import SynonymFacts, WordFacts
from kb.permissions import SYSTEM, Role
from tests.support import factories, lexicon
from tests.support.statements import counted

FILES = Files(
    words=(Word("光猫", 100, "n"), Word("尾纤")),
    synonyms=(Synonym(("猫",), ("光猫",)), Synonym(("账单", "帐单"))),
    stopwords=frozenset({"的"}),
)


def found(installation, text):
    with installation.sessions() as session:
        results = installation.search.run(session, SYSTEM, text, Filters(), now=installation.clock(), limit=50)
    return [hit.id for hit in results.hits]


def kept(*words):
    return [KeptWord(text=text, part_of_speech=PartOfSpeech.NOUN) for text in words]


def test_the_files_alone_come_to_what_they_say():
    assert effective(FILES, Lexicon(seq=0)) == FILES.dictionary()


def test_the_database_adds_to_the_files():
    rows = [KeptSynonym(direction=Direction.ONE_WAY, said=["猫"], ours=["機頂盒"])]
    made = effective(FILES, Lexicon(seq=1, words=kept("雲寬帶", "光猫"), synonyms=rows))
    assert made.words == (*FILES.words, Word("云宽带", None, "n"))
    assert made.synonyms["猫"] == ("光猫", "机顶盒")


def test_lines_of_the_files_can_be_switched_off():
    off = frozenset({(WordList.WORD, "尾纤"), (WordList.SYNONYM, "账单, 帐单")})
    made = effective(FILES, Lexicon(seq=1, switched_off=off))
    assert [word.text for word in made.words] == ["光猫"]
    assert made.synonyms == {"猫": ("光猫",)}


def test_only_what_cuts_text_is_in_the_digest():
    plain = FILES.dictionary()
    rows = [KeptSynonym(direction=Direction.TWO_WAY, said=["猫", "盒"], ours=[])]
    assert effective(FILES, Lexicon(seq=1, synonyms=rows)).digest == plain.digest
    one, other = (
        effective(FILES, Lexicon(seq=1, words=kept(*words))) for words in (("云宽带", "全屋光"), ("全屋光", "云宽带"))
    )
    assert one.digest == other.digest != plain.digest


def test_every_shipped_line_can_be_named(content_folder):
    files = dictionary.read(content_folder / "dictionary")
    lines = [synonym.line for synonym in files.synonyms]
    assert len(set(lines)) == len(lines)


def test_a_synonym_is_found_by_the_next_look_and_rebuilds_nothing(any_installation):
    factories.publish(
        any_installation, "plain", title="亲情号码设置", wordings=("怎么设亲情号",), answer="发短信开通。"
    )
    any_installation.reindex()
    generation = any_installation.search.engine.status().generation
    assert found(any_installation, "心连心卡") == []
    lexicon.synonym(any_installation, "心连心卡", "亲情号")
    lexicon.look(any_installation)
    assert found(any_installation, "心连心卡") == ["plain"]
    any_installation.reindex()
    status = any_installation.search.engine.status()
    assert (status.generation, status.current) == (generation, True)


def test_a_removed_synonym_is_gone_and_a_switched_off_one_too(installation):
    factories.publish(installation, "plain", title="亲情号码设置", wordings=("怎么设亲情号",), answer="发短信开通。")
    installation.reindex()
    row = lexicon.synonym(installation, "心连心卡", "亲情号")
    lexicon.change(installation, operations.remove, KeptSynonym, row.id, version=1)
    lexicon.look(installation)
    assert found(installation, "心连心卡") == []
    assert installation.search.engine.analysis.dictionary.synonyms["猫"]
    line = next(item.line for item in installation.search.lexicon.files.synonyms if "猫" in item.said)
    lexicon.change(installation, operations.switch, WordList.SYNONYM, line, on=False)
    lexicon.look(installation)
    assert "猫" not in installation.search.engine.analysis.dictionary.synonyms


def test_looking_costs_one_statement_and_not_more_often_than_said(installation):
    moment = [100.0]
    engine = installation.search.engine
    live = LiveLexicon(installation.search.lexicon.files, engine, monotonic=lambda: moment[0])
    with installation.sessions() as session:
        live.current(session)
        with counted(installation.engine, looks=True) as statements:
            live.current(session)
            assert len(statements) == 0
            moment[0] += LOOK_SECONDS
            live.current(session)
            assert len(statements) == 1


def test_a_session_from_before_a_change_does_not_take_the_words_back(installation):
    live = installation.search.lexicon
    lexicon.synonym(installation, "心连心卡", "亲情号")
    with installation.sessions() as old:
        assert live.refresh(old).seq > 0
        lexicon.synonym(installation, "铁盒", "光猫")
        with installation.sessions() as new:
            words = live.refresh(new)
        assert live.refresh(old) is words


def test_trying_a_change_puts_nothing_in_force(installation):
    live = installation.search.lexicon
    lexicon.look(installation)
    manager, now = installation.actors[Role.MANAGER], installation.clock()
    facts = SynonymFacts(direction=Direction.ONE_WAY, said=("心连心卡",), ours=("亲情号",))
    with installation.sessions() as session:
        begin_write(session)
        operations.add_synonym(session, manager, facts, now=now)
        operations.add_word(session, manager, WordFacts(text="云宽带"), now=now)
        tried = live.as_of(session)
        session.rollback()
        words = live.refresh(session)
    assert tried.analysis.dictionary.synonyms["心连心卡"] == ("亲情号",)
    assert tried.analysis.segmenter.pieces("开云宽带") == ["开", "云宽带"]
    assert "心连心卡" not in words.analysis.dictionary.synonyms
    assert installation.search.engine.analysis is words.analysis


def test_a_word_leads_to_another_generation_and_search_works_before_and_after(any_installation):
    factories.publish(any_installation, "cloud", title="云宽带开通", wordings=("我要开云宽带",))
    any_installation.reindex()
    engine = any_installation.search.engine
    before = engine.status()
    lexicon.word(any_installation, "云宽带")
    lexicon.look(any_installation)
    status = engine.status()
    assert (status.generation, status.current) == (before.generation, False)
    assert found(any_installation, "云宽带") == ["cloud"]
    any_installation.reindex()
    status = engine.status()
    assert (status.generation != before.generation, status.current) == (True, True)
    assert found(any_installation, "云宽带") == ["cloud"]
    report = maintenance.check(any_installation.sessions, engine)
    assert (report.pending, report.differences) == (0, ())


def test_another_process_follows_the_same_words(installation, analysis):
    """The follower may be a process that answers no questions: it looks for itself."""
    factories.publish(installation, "cloud", title="云宽带开通")
    installation.reindex()
    lexicon.word(installation, "云宽带")
    other = type(installation)(installation.settings, installation.engine, analysis, installation.clock)
    other.reindex()
    assert other.search.engine.status().current
    assert not installation.search.engine.status().current
    lexicon.look(installation)
    assert installation.search.engine.status().current
    other.search.engine.close()


def test_words_changed_during_a_rebuild_make_it_not_current(installation):
    """What was begun is finished with its own words, and built again with the new ones."""
    factories.publish(installation, "cloud", title="云宽带开通")
    installation.reindex()
    engine = installation.search.engine
    build = engine.build()
    lexicon.word(installation, "云宽带")
    lexicon.look(installation)
    build.commit(engine.status().watermark)
    build.publish()
    assert not engine.status().current
    installation.reindex()
    assert engine.status().current
    assert found(installation, "云宽带") == ["cloud"]


def test_a_generation_holds_one_way_of_cutting(installation):
    """What is added after a word has changed is cut as the rest of the generation is."""
    plain = {"answer": "按页面办理。", "script": "", "steps": "", "wordings": ()}
    factories.publish(installation, "a", title="云宽带开通", **plain)
    installation.reindex()
    engine = installation.search.engine
    factories.publish(installation, "b", title="云宽带续费", **plain)
    lexicon.word(installation, "云宽带")
    lexicon.look(installation)
    with installation.sessions() as session:
        changes = maintenance.changes_after(session, engine.status().watermark)
    engine.apply(changes)
    assert cut_into(installation) >= {"宽带", "开通", "续费"}
    assert "云宽带" not in cut_into(installation)
    installation.reindex()
    assert engine.status().documents == 2
    assert "云宽带" in cut_into(installation)


def cut_into(installation):
    """The words that the live generation holds."""
    status = installation.search.engine.status()
    return {word for word, _ in Ledger(str(installation.settings.index_path / status.generation)).words()}


def test_searches_go_on_while_words_change(installation):
    factories.publish(installation, "cloud", title="云宽带开通", wordings=("我要开云宽带",))
    installation.reindex()
    failures, stop = [], threading.Event()

    def ask():
        while not stop.is_set():
            if found(installation, "云宽带") != ["cloud"]:
                failures.append("not found")

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for number in range(3):
        lexicon.word(installation, f"云宽{'带套餐'[number]}")
        lexicon.look(installation)
        installation.reindex()
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert installation.search.engine.status().current
