"""Gaps of one meaning with their phrasings and asks, proposals, notices, cursors

One gap for each different wording that was missed before; its days become asks of those who met it.

Revision ID: 0007
Revises: 0006
"""

import math
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
WORDS = sa.String(200)
KEY = sa.String(64)

OLD_GAPS = sa.table(
    "gaps",
    *(
        sa.column(name, kind)
        for name, kind in (
            ("id", sa.Integer), ("day", sa.Date), ("spelling", WORDS), ("text", WORDS), ("region_key", KEY),
            ("module_key", KEY), ("first_at", MOMENT), ("last_at", MOMENT), ("searches", sa.Integer), ("agents", sa.Integer),
        )
    ),
)  # fmt: skip
OLD_REPORTS = sa.table("gap_reports", sa.column("gap_id", sa.Integer), sa.column("user_id", sa.Integer))


def upgrade() -> None:
    connection = op.get_bind()
    old = connection.execute(sa.select(OLD_GAPS).order_by(OLD_GAPS.c.day, OLD_GAPS.c.id)).mappings().all()
    reports = defaultdict(list)
    for row in connection.execute(sa.select(OLD_REPORTS).order_by(OLD_REPORTS.c.user_id)):
        reports[row.gap_id].append(row.user_id)
    modules = set(connection.execute(sa.select(sa.column("key")).select_from(sa.table("modules"))).scalars())
    op.drop_table("gap_reports")
    op.drop_table("gaps")
    _create()
    _fill(connection, old, reports, modules)


def _create() -> None:
    op.create_table(
        "event_cursors",
        sa.Column("name", KEY, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_event_cursors")),
    )
    op.create_table(
        "gaps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text", WORDS, nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("module_key", KEY, nullable=True),
        sa.Column("module_is_guess", sa.Boolean(), nullable=False),
        sa.Column("tier_key", KEY, nullable=True),
        sa.Column("agents", sa.Integer(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("standing", sa.Double(), nullable=False),
        sa.Column("first_at", MOMENT, nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("thread_id", sa.Integer(), nullable=True),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        sa.Column("share_found", sa.Double(), nullable=True),
        sa.Column("checked_at", MOMENT, nullable=True),
        sa.Column("due", sa.Boolean(), nullable=False),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("decline_reason", sa.String(32), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["module_key"], ["modules.key"], name=op.f("fk_gaps_module_key_modules")),
        sa.ForeignKeyConstraint(["tier_key"], ["tiers.key"], name=op.f("fk_gaps_tier_key_tiers")),
        sa.ForeignKeyConstraint(["thread_id"], ["threads.id"], name=op.f("fk_gaps_thread_id_threads")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_gaps_entry_id_entries")),
        sa.ForeignKeyConstraint(["merged_into_id"], ["gaps.id"], name=op.f("fk_gaps_merged_into_id_gaps")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["users.id"], name=op.f("fk_gaps_decided_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gaps")),
    )
    op.create_index("ix_gaps_state_standing", "gaps", ["state", "standing"])
    for column in ("module_key", "thread_id", "entry_id", "due"):
        op.create_index(op.f(f"ix_gaps_{column}"), "gaps", [column])
    op.create_table(
        "gap_phrasings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("gap_id", sa.Integer(), nullable=False),
        sa.Column("text", WORDS, nullable=False),
        sa.Column("spelling", WORDS, nullable=False),
        sa.Column("compared_at", MOMENT, nullable=True),
        sa.Column("found", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["gap_id"], ["gaps.id"], name=op.f("fk_gap_phrasings_gap_id_gaps")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gap_phrasings")),
        sa.UniqueConstraint("spelling", name=op.f("uq_gap_phrasings_spelling")),
    )
    for column in ("gap_id", "compared_at"):
        op.create_index(op.f(f"ix_gap_phrasings_{column}"), "gap_phrasings", [column])
    op.create_table(
        "gap_asks",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("phrasing_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("origin", sa.String(32), nullable=False),
        sa.Column("door", sa.String(32), nullable=True),
        sa.Column("region_key", KEY, nullable=True),
        sa.Column("module_key", KEY, nullable=True),
        sa.Column("product_key", KEY, nullable=True),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("first_at", MOMENT, nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["phrasing_id"], ["gap_phrasings.id"], name=op.f("fk_gap_asks_phrasing_id_gap_phrasings")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_gap_asks_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gap_asks")),
    )
    op.create_index(op.f("ix_gap_asks_user_id"), "gap_asks", ["user_id"])
    op.create_index("ix_gap_asks_phrasing_id_user_id_day", "gap_asks", ["phrasing_id", "user_id", "day"])
    op.create_table(
        "gap_proposals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("spelling", WORDS, nullable=False),
        sa.Column("text", WORDS, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("searches", sa.Integer(), nullable=False),
        sa.Column("agents", sa.Integer(), nullable=False),
        sa.Column("followed", sa.Integer(), nullable=False),
        sa.Column("region_key", KEY, nullable=True),
        sa.Column("module_key", KEY, nullable=True),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("gap_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["decided_by_id"], ["users.id"], name=op.f("fk_gap_proposals_decided_by_id_users")),
        sa.ForeignKeyConstraint(["gap_id"], ["gaps.id"], name=op.f("fk_gap_proposals_gap_id_gaps")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gap_proposals")),
        sa.UniqueConstraint("spelling", name=op.f("uq_gap_proposals_spelling")),
    )
    op.create_index(op.f("ix_gap_proposals_state"), "gap_proposals", ["state"])
    op.create_table(
        "notices",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("event_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("subject_kind", sa.String(32), nullable=False),
        sa.Column("subject_id", sa.String(64), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_notices_user_id_users")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_notices_event_id_events")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("user_id", "event_id", name=op.f("uq_notices_user_id_event_id")),
    )
    op.create_index("ix_notices_user_id_read_at", "notices", ["user_id", "read_at"])
    op.create_index(op.f("ix_notices_event_id"), "notices", ["event_id"])


def _fill(connection, old, reports, modules) -> None:
    """One gap and phrasing for each spelling; an ask for each day and person, the searches nobody is known for with the first."""
    tables = sa.MetaData()
    tables.reflect(connection, only=("gaps", "gap_phrasings", "gap_asks"))
    gaps, phrasings, asks = (tables.tables[name] for name in ("gaps", "gap_phrasings", "gap_asks"))
    by_spelling = defaultdict(list)
    for row in old:
        by_spelling[row["spelling"]].append(row)
    for spelling, days in by_spelling.items():
        met = defaultdict(lambda: [0, None])
        found = []
        for row in days:
            people = reports[row["id"]] or [None]
            for number, user_id in enumerate(people):
                times = 1 if number else max(row["searches"] - len(people) + 1, 1)
                met[user_id] = [met[user_id][0] + times, row["last_at"]]
                found.append({
                    "user_id": user_id, "day": row["day"], "origin": "search", "region_key": row["region_key"],
                    "module_key": row["module_key"], "note": "", "times": times, "first_at": row["first_at"],
                    "last_at": row["last_at"],
                })  # fmt: skip
        module = next((row["module_key"] for row in reversed(days) if row["module_key"] in modules), None)
        gap_id = connection.execute(
            gaps.insert().values(
                text=days[-1]["text"],
                state="open",
                module_key=module,
                module_is_guess=False,
                due=False,
                agents=len(met.keys() - {None}),
                times=sum(times for times, _ in met.values()),
                standing=_standing(met.values()),
                first_at=min(row["first_at"] for row in days),
                last_at=max(row["last_at"] for row in days),
            )
        ).inserted_primary_key[0]
        phrasing_id = connection.execute(
            phrasings.insert().values(gap_id=gap_id, text=days[-1]["text"], spelling=spelling)
        ).inserted_primary_key[0]
        connection.execute(asks.insert(), [{"phrasing_id": phrasing_id, **row} for row in found])


def _standing(met) -> float:
    """As in kb.gaps.rules.standing on the day of this migration, for the first line."""
    at = [
        ((last.replace(tzinfo=last.tzinfo or UTC)) - datetime(2020, 1, 1, tzinfo=UTC)) / timedelta(days=14)
        for _, last in met
    ]
    newest = max(at)
    total = sum((1 + math.log10(times)) * 2 ** (moment - newest) for (times, _), moment in zip(met, at, strict=True))
    return newest + math.log2(1.5 * total)


def downgrade() -> None:
    connection = op.get_bind()
    rows = connection.execute(
        sa.text(
            "SELECT a.day, p.spelling, p.text, a.user_id, a.region_key, a.module_key, a.times, a.first_at, a.last_at"
            " FROM gap_asks a JOIN gap_phrasings p ON p.id = a.phrasing_id ORDER BY a.id"
        ).columns(day=sa.Date, first_at=MOMENT, last_at=MOMENT)
    ).mappings().all()  # fmt: skip
    for table in ("notices", "gap_proposals", "gap_asks", "gap_phrasings", "gaps", "event_cursors"):
        op.drop_table(table)
    gaps = op.create_table(
        "gaps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("spelling", WORDS, nullable=False),
        sa.Column("text", WORDS, nullable=False),
        sa.Column("region_key", KEY, nullable=True),
        sa.Column("module_key", KEY, nullable=True),
        sa.Column("first_at", MOMENT, nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("searches", sa.Integer(), nullable=False),
        sa.Column("agents", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gaps")),
        sa.UniqueConstraint("day", "spelling", name=op.f("uq_gaps_day_spelling")),
    )
    reports = op.create_table(
        "gap_reports",
        sa.Column("gap_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["gap_id"], ["gaps.id"], name=op.f("fk_gap_reports_gap_id_gaps")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_gap_reports_user_id_users")),
        sa.PrimaryKeyConstraint("gap_id", "user_id", name=op.f("pk_gap_reports")),
    )
    days = defaultdict(list)
    for row in rows:
        days[row["day"], row["spelling"]].append(row)
    for (day, spelling), asked in days.items():
        people = {row["user_id"] for row in asked} - {None}
        gap_id = connection.execute(
            gaps.insert().values(
                day=day,
                spelling=spelling,
                text=asked[0]["text"],
                region_key=asked[0]["region_key"],
                module_key=asked[0]["module_key"],
                first_at=min(row["first_at"] for row in asked),
                last_at=max(row["last_at"] for row in asked),
                searches=sum(row["times"] for row in asked),
                agents=len(people),
            )
        ).inserted_primary_key[0]
        if people:
            connection.execute(reports.insert(), [{"gap_id": gap_id, "user_id": user_id} for user_id in sorted(people)])
