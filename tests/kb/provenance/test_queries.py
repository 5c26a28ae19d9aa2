import pytest
from sqlalchemy import select

from kb.corrections import operations as corrections
from kb.corrections.rules import Severity
from kb.db import unit_of_work
from kb.desk.models import Outcome
from kb.drafting import operations as drafting
from kb.drafting.fields import to_form
from kb.entries import operations as entries
from kb.entries.models import Entry
from kb.entries.queries import by_key as entry_by_key
from kb.entries.rules import State
from kb.forum import moderation, reading
from kb.forum import operations as forum
from kb.forum.queries import by_key
from kb.gaps import following
from kb.gaps import operations as gaps
from kb.gaps import queries as gap_queries
from kb.importing.fields import Context
from kb.notices import operations as notices
from kb.notices import queries as notice_queries
from kb.notices.models import NoticeKind
from kb.permissions import SYSTEM, Role
from kb.provenance import people, queries
from kb.provenance.rules import (
    GIFT_LABELS,
    GROWTH_LABELS,
    HOP_LABELS,
    Gift,
    Growth,
    HopKind,
    Ref,
    Thanks,
    growth,
    parse,
    thanks,
)
from kb.taxonomy import queries as taxonomy
from tests.support import factories
from tests.support.statements import counted

SAID = "咕噜咕噜转圈圈"


def test_what_a_reference_names():
    assert parse("thread:rain") == Ref(HopKind.THREAD, "rain")
    assert parse("gap:12").number == 12
    for nothing in (None, "", "thread:", "person:1", "rain"):
        assert parse(nothing) is None
    assert parse("gap:x").number == 0
    assert set(GIFT_LABELS) == set(Gift)
    assert set(HOP_LABELS) == set(HopKind)


def test_how_far_a_thread_has_become_knowledge():
    assert growth([]) is growth([State.REJECTED, State.ARCHIVED]) is None
    assert growth([State.RETIRED, State.IN_REVIEW]) is Growth.DRAFTED
    assert growth([State.DRAFT, State.REVIEW_DUE]) is Growth.SERVED
    assert set(GROWTH_LABELS) == set(Growth)


def test_people_are_thanked_in_the_order_in_which_knowledge_comes_about():
    given = {1: {Gift.REVIEWED}, 2: {Gift.WROTE, Gift.ASKED}, 3: {Gift.ANSWERED}}
    assert [(item.user_id, item.gifts) for item in thanks(given)] == [
        (2, (Gift.ASKED, Gift.WROTE)), (3, (Gift.ANSWERED,)), (1, (Gift.REVIEWED,)),
    ]  # fmt: skip


@pytest.fixture
def story(any_installation):
    """A gap, a thread for it with another merged into it, an entry from that, one from that entry, and calls."""
    made, actors = any_installation, any_installation.actors
    asker, other = factories.person(made, "asker", Role.AGENT), factories.person(made, "other", Role.AGENT)
    number = factories.missed(made, SAID, asker)
    factories.missed(made, SAID, other)
    now = made.clock()
    factories.thread(made, "flood", title="也是转圈")
    with unit_of_work(made.sessions) as session:
        thread = forum.start(
            session, actors[Role.EXPERT], title="转圈圈怎么办", body="谁遇到过", kind="question",
            module="fault.broadband", key="rain", derived_from=f"gap:{number}", now=now,
        )  # fmt: skip
        gaps.link_thread(session, SYSTEM, gap_queries.gap(session, SYSTEM, number), thread, now=now)
        forum.reply(session, actors[Role.LEADER], thread, "重启光猫。\n然后再试", now=now)
        forum.reply(session, actors[Role.VERIFIER], thread, "望澜也这样", now=now)
        forum.reply(session, other, thread, "我也是", now=now)
        forum.accept(session, actors[Role.EXPERT], thread, 1, now=now)
        reading.vote(session, other, thread, 2, useful=True, now=now)
        reading.vote(session, other, thread, 1, useful=True, now=now)
        flood = by_key(session, "flood")
        moderation.merge(session, actors[Role.EDITOR], flood, thread, reason="同一件事", now=now)
    with unit_of_work(made.sessions) as session:
        entries.create(
            session, actors[Role.EDITOR], factories.content(), key="los", now=now, derived_from="thread:rain"
        )
    factories.release(made, "los")
    with unit_of_work(made.sessions) as session:
        again = factories.content(title="转圈圈（高层）")
        entries.create(session, actors[Role.EDITOR], again, key="high", now=now, derived_from="entry:los")
    factories.release(made, "high")
    return made, asker, other


def hops(installation, role, key):
    with installation.sessions() as session:
        entry = entry_by_key(session, key)
        found = queries.origins(session, installation.actors[role], entry, now=installation.clock())
        return found, queries.thanked(session, entry, found)


def test_every_hop_is_there_and_everybody_who_gave_is_named(story):
    made, asker, _ = story
    found, thanked = hops(made, Role.EDITOR, "high")
    assert [(hop.kind, hop.title) for hop in found] == [
        (HopKind.GAP, SAID), (HopKind.THREAD, "转圈圈怎么办"), (HopKind.ENTRY, "光猫 LOS 红灯"),
    ]  # fmt: skip
    assert found[1].merged == ("也是转圈",)
    ids = {role: actor.user_id for role, actor in made.actors.items()}
    assert {item.user_id: item.gifts for item in thanked} == {
        asker.user_id: (Gift.ASKED,),
        ids[Role.EXPERT]: (Gift.STARTED,),
        ids[Role.AGENT]: (Gift.STARTED,),  # of the thread that was merged
        ids[Role.LEADER]: (Gift.ANSWERED,),
        ids[Role.VERIFIER]: (Gift.HELPED,),
        ids[Role.EDITOR]: (Gift.WROTE,),
        ids[Role.REVIEWER]: (Gift.REVIEWED,),
    }


def test_what_somebody_may_not_read_is_not_named(story):
    made, _, _ = story
    found, _ = hops(made, Role.AGENT, "los")
    assert [(hop.kind, hop.key, hop.title) for hop in found] == [
        (HopKind.GAP, None, None), (HopKind.THREAD, "rain", "转圈圈怎么办"),
    ]  # fmt: skip
    with unit_of_work(made.sessions) as session:
        editor = made.actors[Role.EDITOR]
        moderation.hide(session, editor, by_key(session, "rain"), reason="有号码", now=made.clock())
    found, _ = hops(made, Role.AGENT, "los")
    assert [(hop.key, hop.title, hop.merged) for hop in found] == [(None, None, ()), (None, None, ())]


def test_an_outcome_a_linked_gap_and_a_circle(story):
    made, _, other = story
    factories.outcome(made, other, "los", "转不停", solved=False)
    number = factories.missed(made, "绿光一直闪")
    for key in ("noted", "linked", "circle"):
        factories.publish(made, key, title=key)
    with unit_of_work(made.sessions) as session:
        outcome = session.scalars(select(Outcome)).one()
        for key, ref in (("noted", f"outcome:{outcome.id}"), ("circle", "entry:circle")):
            entry_by_key(session, key).derived_from = ref
        linked = session.scalars(select(Entry).where(Entry.key == "linked")).one()
        gap = gap_queries.gap(session, SYSTEM, number)
        gaps.link_entry(session, SYSTEM, gap, linked, now=made.clock())
    found, thanked = hops(made, Role.AGENT, "noted")
    assert [(hop.kind, hop.key, hop.title) for hop in found] == [(HopKind.OUTCOME, "los", "转不停")]
    assert thanked[0].user_id == other.user_id
    found, _ = hops(made, Role.EDITOR, "linked")
    assert [(hop.kind, hop.title) for hop in found] == [(HopKind.GAP, "绿光一直闪")]
    found, _ = hops(made, Role.EDITOR, "circle")
    assert len(found) == 1


def test_a_call_is_a_hop_without_words_and_its_agent_is_thanked(installation):
    agent = installation.actors[Role.AGENT]
    call = factories.call(installation, agent, text="机顶盒黑屏")
    factories.publish(installation, "tv", derived_from=f"call:{call.reference}")
    with installation.sessions() as session:
        entry = entry_by_key(session, "tv")
        (hop,) = queries.origins(session, agent, entry, now=installation.clock())
        assert (hop.kind, hop.key, hop.title) == (HopKind.CALL, None, None)
        assert Thanks(agent.user_id, (Gift.ASKED,)) in queries.thanked(session, entry, [hop])


def test_what_an_entry_took_in_later_is_named_too(any_installation):
    """A thread is written up, merged into an entry that was there, published; then the thread is merged away."""
    made, actors, now = any_installation, any_installation.actors, any_installation.clock()
    number = factories.missed(made, SAID)
    factories.publish(made, "los")
    factories.thread(made, "rain")
    with unit_of_work(made.sessions) as session:
        thread = by_key(session, "rain")
        gaps.link_thread(session, SYSTEM, gap_queries.gap(session, SYSTEM, number), thread, now=now)
        forum.reply(session, actors[Role.LEADER], thread, "先看分光器", now=now)
        forum.accept(session, actors[Role.AGENT], thread, 1, now=now)
    made.clock.advance(hours=1)
    with unit_of_work(made.sessions) as session:
        editor, entry, later = actors[Role.EDITOR], entry_by_key(session, "los"), made.clock()
        copied = to_form(entry.shown_revision.content, "Asia/Shanghai")
        copy = drafting.begin(session, editor, copied, key="new", source="thread:rain", now=later)
        fields = {**copied, "steps": "1. 先看分光器"}
        merged = drafting.merge_into(
            session, editor, copy, entry, fields, onto=1, key="merged", timezone="Asia/Shanghai", now=later
        )
        context = Context(taxonomy.load(session), "Asia/Shanghai")
        drafting.hand_in(session, editor, merged, context=context, submit=False, now=later)
    factories.release(made, "los")
    with unit_of_work(made.sessions) as session:
        while notices.deliver(session):
            pass
        following.take_entries(session, up_to=10_000)
    factories.thread(made, "flood")
    with unit_of_work(made.sessions) as session:
        threads = by_key(session, "rain"), by_key(session, "flood")
        moderation.merge(session, SYSTEM, *threads, reason="同一件事", now=made.clock())
    with made.sessions() as session:
        entry, leader = entry_by_key(session, "los"), actors[Role.LEADER]
        hops = queries.origins(session, SYSTEM, entry, now=made.clock())
        assert [hop.kind for hop in hops if hop.later] == [HopKind.THREAD]
        gifts = {item.user_id: item.gifts for item in queries.thanked(session, entry, hops)}
        assert Gift.ANSWERED in gifts[leader.user_id]
        assert queries.written_up(session, SYSTEM, ["flood"], now=made.clock())["flood"].growth is Growth.SERVED
        (answer,) = people.given(session, SYSTEM, leader.user_id, now=made.clock()).answered
        assert (answer.key, answer.entry.key) == ("flood", "los")
        assert gap_queries.gap(session, SYSTEM, number).entry_id == entry.id
        told = {item.kind for item in notice_queries.page(session, leader, limit=9)}
        assert told == {NoticeKind.BECAME_KNOWLEDGE, NoticeKind.REPLY_ACCEPTED}


def test_statements_of_an_origin_do_not_grow_with_people(story):
    made, _, _ = story
    with made.sessions() as session:
        entry = entry_by_key(session, "high")
        with counted(made.engine) as issued:
            found = queries.origins(session, made.actors[Role.EDITOR], entry, now=made.clock())
            queries.thanked(session, entry, found)
        assert len(issued) <= 9


def test_a_persons_page_says_what_they_gave_and_what_became_of_it(story):
    made, asker, other = story
    for agent in (asker, other, made.actors[Role.LEADER]):
        factories.outcome(made, agent, "los", "红灯")
    with made.sessions() as session:

        def given(actor, reader=Role.AGENT):
            return people.given(session, made.actors[reader], actor.user_id, now=made.clock())

        leader = given(made.actors[Role.LEADER])
        assert [(item.key, item.entry.key, item.solved) for item in leader.answered] == [("rain", "los", 2)]
        assert leader.solved == 2  # their own call is left out
        expert = given(made.actors[Role.EXPERT])
        assert [item.key for item in expert.started] == ["rain"]
        editor = given(made.actors[Role.EDITOR])
        assert {item.key for item in editor.written} == {"los", "high"}
        assert editor.solved == 3
        assert given(made.actors[Role.MANAGER]).is_empty
        reviewer, verifier = given(made.actors[Role.REVIEWER]), given(made.actors[Role.VERIFIER])
        assert (reviewer.reviewed, reviewer.helped, reviewer.is_empty) == (2, 0, False)
        assert (verifier.helped, verifier.verified, verifier.is_empty) == (1, 0, False)
        assert (leader.helped, expert.helped) == (0, 0)  # what was accepted is not counted twice
        assert given(other).questions == 0  # the gap is not closed yet


def test_errors_that_were_put_right_are_told(story):
    made, _, other = story
    number = factories.correction(made, "los", other)

    def told():
        with made.sessions() as session:
            hops = queries.origins(session, SYSTEM, entry_by_key(session, "los"), now=made.clock())
            thanked = queries.thanked(session, entry_by_key(session, "los"), hops)
            gifts = {item.user_id: item.gifts for item in thanked}
            found = people.given(session, made.actors[Role.AGENT], other.user_id, now=made.clock())
            return found.corrections, gifts.get(other.user_id)

    assert told() == (0, None)
    with unit_of_work(made.sessions) as session:
        corrections.uphold(session, made.actors[Role.EDITOR], number, severity=Severity.P2, now=made.clock())
    factories.revise(made, "los", answer="先远程复位。")
    with unit_of_work(made.sessions) as session:
        corrections.fix(session, made.actors[Role.EDITOR], number, revision=2, now=made.clock())
    assert told() == (1, (Gift.CORRECTED,))


def test_the_directory_is_made_from_what_people_did_not_how_often(story):
    made, _, _ = story
    with made.sessions() as session:

        def lines(modules, named_for=None):
            found = people.directory(
                session, made.actors[Role.AGENT], modules=modules, named_for=named_for, now=made.clock()
            )
            return {line.user_id: line for line in found}, [line.user_id for line in found]

        ids = {role: actor.user_id for role, actor in made.actors.items()}
        found, order = lines(None)
        assert set(order) == {ids[Role.LEADER], ids[Role.EDITOR], ids[Role.EXPERT]}
        assert order[-1] == ids[Role.EXPERT]  # only named so far
        assert found[ids[Role.EXPERT]].named
        assert [(kind, item.key) for kind, item in found[ids[Role.LEADER]].contributions] == [("thread", "rain")]
        assert len(found[ids[Role.EDITOR]].contributions) == 2
        assert lines({"tv.card"}, {"tv.card", "tv"})[1] == []
        made.clock.advance(days=400)
        assert lines(None)[1] == [ids[Role.EXPERT]]
