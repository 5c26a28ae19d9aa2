import pytest

from kb.db import unit_of_work
from kb.people import operations as people
from kb.people.queries import by_username
from kb.permissions import SYSTEM, Role
from tests.support import factories


@pytest.fixture
def managers_token(installation) -> dict[str, str]:
    with unit_of_work(installation.sessions) as session:
        user = by_username(session, "manager")
        token = people.issue_token(session, SYSTEM, user, label="monitoring", now=installation.clock())
    return {"Authorization": f"Bearer {token}"}


def test_a_process_that_answers_is_alive(visitor):
    assert visitor.get("/healthz").json == {"status": "ok"}


def test_without_an_index_nobody_can_be_served(visitor):
    answer = visitor.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["database"]["ok"]
    assert not answer.json["index"]["ok"]


def test_with_database_and_index_people_can_be_served(visitor, installation):
    factories.publish(installation, "los")
    installation.reindex()
    answer = visitor.get("/readyz")
    assert answer.status_code == 200
    assert answer.json["index"]["lag"] == 0
    assert answer.json["index"]["documents"] == 1
    assert answer.json["index"]["segments"] == 1
    assert answer.json["index"]["embedded"] == answer.json["index"]["embeddable"] == 0  # no embedder in tests
    factories.thread(installation, "rain")
    behind = visitor.get("/readyz")
    assert behind.status_code == 200
    assert behind.json["index"]["lag"] == 1


def test_a_database_of_another_version_is_not_served(visitor, installation):
    with installation.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'older'")
    answer = visitor.get("/readyz")
    assert answer.status_code == 503
    assert "kb init" in answer.json["database"]["message"]


def test_the_numbers_are_for_those_who_run_the_index(visitor, agent, managers_token):
    assert visitor.get("/metrics").status_code == 401
    assert agent.get("/metrics").status_code == 403
    assert visitor.get("/metrics", headers=managers_token).status_code == 200


def test_requests_and_searches_are_counted(visit_as, installation, managers_token, visitor):
    factories.publish(installation, "los")
    installation.reindex()
    factories.thread(installation, "rain")
    agent = visit_as(Role.AGENT)
    agent.get("/?q=红灯")
    agent.get("/?q=zzzz")
    agent.get("/nowhere")
    numbers = visitor.get("/metrics", headers=managers_token).text
    assert 'zhihui_requests_total{endpoint="search.index",method="GET",status="200"} 2.0' in numbers
    assert 'zhihui_requests_total{endpoint="unmatched",method="GET",status="404"} 1.0' in numbers
    assert 'zhihui_request_seconds_count{endpoint="search.index"} 2.0' in numbers
    assert 'zhihui_search_seconds_count{source="entry"} 2.0' in numbers
    assert 'zhihui_searches_without_result_total{source="entry"} 1.0' in numbers
    assert "zhihui_index_lag_events 1.0" in numbers
    assert "zhihui_events_last_seq" in numbers
    assert "zhihui_texts_embedded 0.0" in numbers
    assert "zhihui_texts_to_embed 0.0" in numbers
