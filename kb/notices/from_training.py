"""Who is told of lessons, must-reads and exams that are theirs."""

from collections.abc import Mapping, Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from kb.entries.models import Entry
from kb.events.models import Event, Subject, Verb
from kb.exams.models import Exam
from kb.must_reads.models import MustRead
from kb.notices.models import NoticeKind
from kb.notices.told import Source, Told
from kb.people.models import RoleGrant, Team, User
from kb.permissions import Role
from kb.taxonomy.models import Module
from kb.training.models import Lesson
from kb.training.queries import AT_THE_DESK


def _lesson(kind: NoticeKind) -> Source:
    """Whoever is assigned to a lesson, and its trainer. Four statements."""

    def source(session: Session, event: Event) -> Sequence[Told]:
        lesson = session.get(Lesson, int(event.subject_id))
        if lesson is None:
            return []
        module = session.get_one(Module, lesson.item.module_key)
        facts = {"title": module.name, "at": lesson.starts_at.isoformat(), "place": lesson.place}
        people = {*(assignment.user_id for assignment in lesson.assignments), lesson.trainer_id} - {None}
        return [Told(person, kind, facts) for person in sorted(filter(None, people))]

    return source


def _must_read(session: Session, event: Event) -> Sequence[Told]:
    """The agents of the teams that are to read an entry, where it is for them. Three statements."""
    must_read = session.get(MustRead, int(event.subject_id))
    entry = None if must_read is None else session.get(Entry, must_read.entry_id)
    if must_read is None or entry is None or must_read.withdrawn_at is not None:
        return []
    if entry.shown_revision.audience and Role.AGENT not in entry.shown_revision.audience:
        return []
    facts = {"entry": entry.key, "title": entry.shown_revision.title, "until": must_read.due_at.isoformat()}
    agents = _with_roles(session, (Role.AGENT,), must_read.teams)
    return [Told(person, NoticeKind.MUST_READ, facts) for person in agents]


def _exam(session: Session, event: Event) -> Sequence[Told]:
    """Whoever an exam is for: some by name, the desks of its teams, or all desks. Two statements."""
    exam = session.get(Exam, int(event.subject_id))
    if exam is None or exam.closed_at is not None:
        return []
    facts = {"title": exam.title, "from": exam.opens_at.isoformat(), "until": exam.closes_at.isoformat()}
    return [
        Told(person, NoticeKind.EXAM_SET, facts)
        for person in _with_roles(session, AT_THE_DESK, exam.teams, exam.people)
    ]


def _with_roles(
    session: Session, roles: Sequence[Role], teams: Sequence[str], people: Sequence[int] = ()
) -> Sequence[int]:
    """Return the ids of *people*, and of those of *teams* who have one of *roles*; of all such where neither is named.

    One statement.
    """
    answers = User.id.in_(select(RoleGrant.user_id).where(RoleGrant.role.in_(roles)))
    wanted = select(User.id).outerjoin(Team, Team.id == User.team_id)
    if teams or people:
        wanted = wanted.where(or_(User.id.in_(people), Team.key.in_(teams) & answers))
    else:
        wanted = wanted.where(answers)
    return session.scalars(wanted.order_by(User.id)).all()


SOURCES: Mapping[tuple[Subject, Verb], Source] = {
    (Subject.LESSON, Verb.ASSIGNED): _lesson(NoticeKind.LESSON_SET),
    (Subject.LESSON, Verb.CANCELLED): _lesson(NoticeKind.LESSON_CANCELLED),
    (Subject.MUST_READ, Verb.PUBLISHED): _must_read,
    (Subject.EXAM, Verb.PUBLISHED): _exam,
}
