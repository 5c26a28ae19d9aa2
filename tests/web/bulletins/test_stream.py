import threading

import pytest

from kb.bulletins import operations, queries
from kb.db import unit_of_work
from kb.permissions import Role
from tests.support import factories
from tests.support.notices import tell
from web.bulletins.stream import Stream
from web.hub import Hub
from web.services import services


@pytest.fixture
def hub(any_installation):
    made = Hub(any_installation.sessions, room=2, look_seconds=0.05)
    yield made
    made.close()


def seq_of(installation):
    with installation.sessions() as session:
        return queries.last_change(session)


def test_a_change_by_another_process_wakes_those_who_wait(any_installation, hub):
    factories.bulletin(any_installation)
    seen = seq_of(any_installation)
    with hub.join() as seat:
        assert seat.wait(-1, 60) == seen
        writer = threading.Thread(target=factories.bulletin, args=(any_installation,), kwargs={"title": "又一条"})
        writer.start()
        assert seat.wait(seen, 60) > seen
        writer.join()


def test_receipts_wake_nobody(any_installation, hub):
    number = factories.bulletin(any_installation, must_read=True)
    seen = seq_of(any_installation)
    with unit_of_work(any_installation.sessions) as session:
        agent = any_installation.actors[Role.AGENT]
        operations.acknowledge(session, agent, number, version=1, choice=None, now=any_installation.clock())
    assert seq_of(any_installation) == seen


def test_there_is_room_for_so_many_and_again_for_whoever_comes_when_one_left(any_installation, hub):
    first, second = hub.join(), hub.join()
    assert hub.join() is None
    first.close()
    first.close()
    third = hub.join()
    assert third is not None
    assert hub.join() is None
    second.close()
    third.close()
    assert hub.open == 0


def test_a_stream_says_where_it_stands_then_beats_then_ends(any_installation, hub):
    factories.bulletin(any_installation)
    seen = seq_of(any_installation)
    seat = hub.join()
    assert seat.wait(-1, 60) == seen
    sent = list(Stream(seat, -1, beat=0.01, life=0.03))
    assert sent[0].startswith(b"retry: ")
    assert sent[1:] == [b"id: %d\nevent: bulletins\ndata: %d\n\n" % (seen, seen)] + 3 * [b": beat\n\n"]


def test_a_notice_wakes_the_pages_of_its_person_and_nobody_elses(any_installation, hub):
    mine, other = (any_installation.actors[role].user_id for role in (Role.AGENT, Role.EXPERT))
    seen = seq_of(any_installation)
    with hub.join(mine) as seat, hub.join(other) as others:
        assert seat.wait(-1, 60) == seen
        stream = Stream(seat, seen, beat=60)
        next(stream)
        tell(any_installation, any_installation.actors[Role.AGENT], "附近火锅店")
        news = next(stream)
        assert news.startswith(b"event: notices\n")
        assert seat.told() > 0
        assert others.told() == 0


def test_a_stream_ends_when_its_desk_has_hung_up(any_installation, hub):
    stream = Stream(hub.join(), 10**6, gone=lambda: True)
    assert next(stream).startswith(b"retry")
    assert list(stream) == []


def test_a_hub_that_ends_sends_everybody_away(any_installation, hub):
    stream = Stream(hub.join(), 10**6)
    assert next(stream).startswith(b"retry")
    hub.send_away()
    assert list(stream) == []
    stream.close()
    assert hub.join() is None


def test_without_room_the_desk_is_told_to_ask_by_itself(app, agent):
    services(app).hub.close()
    answer = agent.get("/bulletins/stream")
    assert (answer.status_code, answer.text) == (204, "")


def test_a_stream_gives_its_place_back_when_it_is_closed(app, agent):
    answer = agent.client.get("/bulletins/stream")
    assert answer.mimetype == "text/event-stream"
    assert services(app).hub.open == 1
    assert next(iter(answer.response)).startswith(b"retry")
    answer.close()
    assert services(app).hub.open == 0
