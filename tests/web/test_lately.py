from datetime import timedelta

from tests.support import factories
from tests.support.installation import START
from web.lately import KEPT_FOR, Lately


def test_a_value_is_taken_once_and_not_when_it_is_old():
    lately = Lately(room=2)
    lately.put("a", 1, now=START)
    assert lately.take("a", now=START + KEPT_FOR) == 1
    assert lately.take("a", now=START) is None
    lately.put("a", 1, now=START)
    assert lately.take("a", now=START + KEPT_FOR + timedelta(seconds=1)) is None


def test_the_oldest_is_given_up_first():
    lately = Lately(room=2)
    for number, key in enumerate("abac"):
        lately.put(key, number, now=START)
    assert [lately.take(key, now=START) for key in "abc"] == [2, None, 3]


def test_logging_the_search_somebody_stayed_with_searches_no_second_time(agent, installation, monkeypatch):
    factories.publish(installation, "los")
    installation.reindex()
    asked = []
    run = installation.search.run
    monkeypatch.setattr(
        installation.search, "run", lambda *given, **more: asked.append(given[2]) or run(*given, **more)
    )
    where = "region=&module=&product="
    assert agent.get(f"/desk/results?q=红灯&{where}").status_code == 200
    assert asked == ["红灯"]
    form = {"q": "红灯", "region": "", "module": "", "product": ""}
    assert agent.post("/desk/searches", form="/desk?region=", **form).status_code == 204
    assert asked == ["红灯"]
    assert agent.post("/desk/searches", form="/desk?region=", **form).status_code == 204
    assert asked == ["红灯", "红灯"], "what was shown is logged once; told again, it is looked for"
