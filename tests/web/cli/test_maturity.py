from kb.db import unit_of_work
from kb.entries.rules import Level
from kb.maturity.models import Standing
from tests.support import factories, maturity


def test_a_pass_follows_what_happened_and_looks_at_all(kb, installation):
    factories.publish(installation, "los")
    maturity.calls(installation, maturity.callers(installation, 6), "los", solved=12)
    assert kb("maturity", "pass").output.startswith("看了 1 条知识：0 条升级，0 条降级")
    assert maturity.entry_of(installation, "los").level == Level.L3
    installation.clock.advance(days=800)
    assert "1 条降级" in kb("maturity", "pass").output


def test_recompute_says_what_was_off(kb, installation):
    factories.publish(installation, "los")
    assert kb("maturity", "recompute").output == "累计了 1 条知识，其中 0 条和平时的不一样\n"
    with unit_of_work(installation.sessions) as session:
        session.get(Standing, maturity.entry_of(installation, "los").id).solved = 7
    result = kb("maturity", "recompute")
    assert (result.exit_code, "1 条和平时的不一样" in result.output) == (3, True)
