from datetime import timedelta

from sqlalchemy import select

from kb.bulletins.models import Bulletin
from kb.demo_quarter import LENGTH, SIMULATION, live
from kb.demo_year import FakeClock
from kb.permissions import Role
from kb.training import queries, report
from kb.training.models import LaunchPack, Lesson
from kb.training.rules import Cause, LessonState, PlanState
from tests.support import factories, training


def test_a_simulated_quarter_drives_the_loop_once_round_and_says_that_it_is_simulated(installation):
    for module, count in (("fault.broadband", 4), ("tv.signal", 3), ("roaming.fee", 1)):
        for number in range(count):
            factories.publish(
                installation,
                f"{module}-{number}",
                title=f"{module} {number}",
                module_key=module,
                answer=f"{module} 的第 {number} 种办法",
                transfer_to=f"{module} 第 {number} 台",
                wordings=(f"{module} 坏了 {number}", f"{module} 不行 {number}", f"{module} 怎么弄 {number}"),
            )
    training.crew(installation, "alpha", 6)
    training.crew(installation, "beta", 3)
    with installation.sessions() as session:
        assert queries.plans(session, installation.actors[Role.MANAGER], limit=1) == []
    until = installation.clock() + LENGTH + timedelta(days=1)
    number = live(
        installation.sessions,
        learning=factories.LEARNING,
        clock=FakeClock(installation.clock()),
        until=until,
        floor=5,
        calls=14,
    )
    manager = installation.actors[Role.MANAGER]
    with installation.sessions() as session:
        found = report.loop(session, manager, number, floor=5, now=until)
        assert found.plan.state is PlanState.CLOSED
        assert found.needs
        taught = [one for one in found.measured if one.item.team_key == "alpha"]
        assert taught
        assert all(one.learned.people == 6 and one.learned.recalled == 6 for one in taught)
        assert all(one.learned.gain > 0.2 for one in taught)
        assert {one.item.cause for one in found.measured} == {Cause.NEED, Cause.LAUNCH}
        assert {lesson.state for lesson in session.scalars(select(Lesson))} == {LessonState.HELD}
        assert found.following is not None
        assert queries.plan(session, manager, found.following.id).items
        written = [
            found.plan.title,
            found.following.title,
            *session.scalars(select(LaunchPack.title)),
            *session.scalars(select(Bulletin.title)),
            *(item.reason for item in found.plan.items),
        ]
        assert all(SIMULATION in text for text in written)
