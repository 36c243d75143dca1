"""政企问题: what firms brought to the government, every step taken with it, and the visits afterwards."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from storage.tables.columns import Id, UtcDateTime, metadata, where

problems = Table(
    "problems",
    metadata,
    Column("id", Id, primary_key=True),
    Column("doc_number", String(64), nullable=False),
    Column("year", Integer, nullable=False),  # the notice's; numbers run within it
    Column("number", Integer, nullable=False),
    Column("again", Integer, nullable=False),  # taken up anew after it was closed: 第0014号-2
    Column("version", Integer, nullable=False),  # of two acts on the same state only the first is done
    Column("channel", String(16), nullable=False),  # kf | group | meeting | express | 12345 | visit | app
    # Where the firm itself can be answered; empty: by telephone only. An external id keeps its case.
    Column("door", String(16), nullable=False),  # kf | app | ""
    Column("origin", String(64), nullable=False),
    Column("recorded_by", String(64), nullable=False),
    Column("message_key", String(512), nullable=False, unique=True),  # a message brings one problem
    Column("firm", String(128), nullable=False),
    Column("contact", String(32), nullable=False),
    Column("phone", String(32), nullable=False),
    Column("text", Text, nullable=False),  # the firm's own words, without the contact
    Column("place", String(64), nullable=False),
    Column("county", String(32), nullable=False),
    Column("points", JSON, nullable=False),
    Column("kind", String(16), nullable=False),  # inquiry | ordinary | complex | refused
    Column("urgent", Boolean, nullable=False),
    Column("suggested", String(64), nullable=False),  # the unit the bot would ask
    Column("suggested_helpers", JSON, nullable=False),
    Column("lead", String(64), nullable=False),
    Column("helpers", JSON, nullable=False),
    Column("helped", JSON, nullable=False),  # of the helpers those who gave their opinion
    # new | assigned | objected | accepted | contacted | answered | review | tracked | closed | refused
    Column("state", String(16), nullable=False),
    Column("level", Integer, nullable=False),  # how often it was raised because the firm was not satisfied
    Column("received_at", UtcDateTime, nullable=False),
    Column("assigned_at", UtcDateTime, nullable=True),
    Column("objected_at", UtcDateTime, nullable=True),
    Column("accepted_at", UtcDateTime, nullable=True),
    Column("contacted_at", UtcDateTime, nullable=True),
    Column("planned_at", UtcDateTime, nullable=True),
    Column("counts_from", UtcDateTime, nullable=False),  # from when its time runs
    Column("due_at", UtcDateTime, nullable=False),
    Column("wanted_until", UtcDateTime, nullable=True),  # an extension asked for and not decided
    Column("wanted_why", Text, nullable=False),
    Column("answered_at", UtcDateTime, nullable=True),
    Column("ending", String(16), nullable=False),  # "" | solved | explained | tracked
    Column("answer", Text, nullable=False),
    Column("follow_on", Date, nullable=True),  # a long-term matter is answered again on this day
    Column("told_at", UtcDateTime, nullable=True),  # the firm has the answer
    Column("rating", String(16), nullable=False),  # "" | satisfied | mostly | unsatisfied
    Column("rating_why", Text, nullable=False),
    Column("rated_at", UtcDateTime, nullable=True),
    Column("closed_at", UtcDateTime, nullable=True),
    UniqueConstraint("year", "number", name="uq_problems_number"),
    Index("ix_problems_open", "id", **where("state NOT IN ('closed', 'refused')")),
    Index("ix_problems_origin", "origin"),
    Index("ix_problems_closed", "closed_at"),
    Index("ix_problems_received", "received_at"),
)

# Every step, in the words of who took it; rows are only ever added.
problem_steps = Table(
    "problem_steps",
    metadata,
    Column("id", Id, primary_key=True),
    Column("problem_id", Id, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("person", String(64), nullable=False),
    Column("unit", String(64), nullable=False),
    Column("act", String(16), nullable=False),
    Column("words", Text, nullable=False),
    Index("ix_problem_steps_problem", "problem_id"),
)

# 回访: thirty and ninety days after a problem was closed.
problem_visits = Table(
    "problem_visits",
    metadata,
    Column("id", Id, primary_key=True),
    Column("problem_id", Id, nullable=False),
    Column("series", Integer, nullable=False),  # closed a second time, it is visited a second time
    Column("number", Integer, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("asked_at", UtcDateTime, nullable=True),
    Column("by_phone", Boolean, nullable=False),  # the firm could not be written to: the office rings up
    Column("answered_at", UtcDateTime, nullable=True),
    Column("answer", Text, nullable=False),
    Column("message_key", String(512), nullable=False),
    Column("finding", String(16), nullable=False),  # "" | holds | mostly | relapsed
    UniqueConstraint("problem_id", "series", "number", name="uq_problem_visits_number"),
    Index("ix_problem_visits_due", "due_on", **where("asked_at IS NULL")),
    Index("ix_problem_visits_problem", "problem_id"),
)
