"""What happens by the clock, and what it leaves: runs, drafts, extensions, digests, looks back."""

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

# A fire time is done once over all replicas: the row decides who does it, and its effects commit with it.
job_runs = Table(
    "job_runs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("job", String(32), nullable=False),
    Column("fire_at", UtcDateTime, nullable=False),
    Column("state", String(8), nullable=False),  # began | running | done | skipped | failed
    Column("owner", String(64), nullable=False),
    Column("lease_until", UtcDateTime, nullable=True),
    Column("attempts", Integer, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime, nullable=True),
    Column("note", Text, nullable=False),  # what it did, or why it was skipped or failed
    UniqueConstraint("job", "fire_at", name="uq_job_runs_fire"),
    Index("ix_job_runs_open", "job", **where("state IN ('running', 'failed')")),
)

# What goes to a leader or to many is written first and sent by a person.
drafts = Table(
    "drafts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(32), nullable=False),  # escalation-1 … escalation-4 | circular | lookback
    Column("key", String(256), nullable=False, unique=True),  # the same occasion is drafted once
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("target", String(64), nullable=False),  # userid it would go to; empty: the office itself
    Column("detail", JSON, nullable=False),  # the facts it was written from
    Column("state", String(16), nullable=False),  # draft | released | dropped | held
    Column("created_at", UtcDateTime, nullable=False),
    Column("decided_at", UtcDateTime, nullable=True),
    Column("decided_by", String(64), nullable=False),
    Column("reason", Text, nullable=False),
    Index("ix_drafts_open", "id", **where("state IN ('draft', 'held')")),
)

# 延期 and 退回补充: what moves the day on which a prompt is due.
extensions = Table(
    "extensions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("prompt_id", Id, nullable=False),
    Column("kind", String(16), nullable=False),  # extension (asked by the unit) | returned (by the office)
    Column("point", Integer, nullable=False),
    Column("unit", String(64), nullable=False),
    Column("person", String(64), nullable=False),
    Column("message_key", String(512), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    Column("reason", Text, nullable=False),
    Column("decision", String(16), nullable=False),  # "" | granted | refused
    Column("decided_at", UtcDateTime, nullable=True),
    Column("decided_by", String(64), nullable=False),
    UniqueConstraint("prompt_id", "message_key", name="uq_extensions_message"),
    Index("ix_extensions_prompt", "prompt_id"),
    Index("ix_extensions_open", "id", **where("decided_at IS NULL")),
)

# 暂停催办: nobody is reminded or escalated meanwhile.
quiets = Table(
    "quiets",
    metadata,
    Column("id", Id, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    Column("by", String(64), nullable=False),
    Column("ended_at", UtcDateTime, nullable=True),
    Column("ended_by", String(64), nullable=False),
)

# The office's own table over the official calendar: days worked or off, and the years it announced whole.
calendar_days = Table(
    "calendar_days",
    metadata,
    Column("day", Date, primary_key=True),
    Column("works", Boolean, nullable=False),
    Column("by", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)
calendar_years = Table(
    "calendar_years",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("by", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

# When a leader reads his digest, and of what.
subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person", String(64), nullable=False, unique=True),  # userid in lower case
    Column("hour", Integer, nullable=False),
    Column("minute", Integer, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("weekends", Boolean, nullable=False),
    Column("empty_line", Boolean, nullable=False),  # one line on a day without news, instead of nothing
    Column("picture", Boolean, nullable=True),  # as the office has set it for all when NULL
    # sections and points by number, units, counties and towns by name; nothing named is everything.
    Column("scope", JSON, nullable=False),
    Column("by", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

# What was told to whom in a digest, so that the next one tells only what changed.
digests = Table(
    "digests",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person", String(64), nullable=False),
    Column("kind", String(16), nullable=False),  # daily | weekly | work
    Column("day", Date, nullable=False),
    Column("text", Text, nullable=False),
    Column("told", JSON, nullable=False),  # the state it was composed from: lights, newest report, problems
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("person", "kind", "day", name="uq_digests_day"),
)

# 销号 and 回头看: what was closed, and when it is looked at again.
closings = Table(
    "closings",
    metadata,
    Column("id", Id, primary_key=True),
    Column("doc_number", String(64), nullable=False),
    Column("point", Integer, nullable=False),
    Column("unit", String(64), nullable=False),
    Column("what", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("by", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("reopened_at", UtcDateTime, nullable=True),
    Column("reopened_by", String(64), nullable=False),
    Index("ix_closings_point", "doc_number", "point"),
)
lookbacks = Table(
    "lookbacks",
    metadata,
    Column("id", Id, primary_key=True),
    Column("closing_id", Id, nullable=False),
    Column("number", Integer, nullable=False),  # the first, the second …
    Column("due_on", Date, nullable=False),
    Column("asked_at", UtcDateTime, nullable=True),
    Column("answered_at", UtcDateTime, nullable=True),
    Column("answer", Text, nullable=False),
    Column("message_key", String(512), nullable=False),
    Column("finding", String(16), nullable=False),  # "" | holds | mostly | relapsed
    UniqueConstraint("closing_id", "number", name="uq_lookbacks_number"),
    Index("ix_lookbacks_due", "due_on", **where("asked_at IS NULL")),
)

# 定期报送 such as point 40's videos: the notice says 定期, the office says how often.
collections = Table(
    "collections",
    metadata,
    Column("id", Id, primary_key=True),
    Column("doc_number", String(64), nullable=False),
    Column("name", String(64), nullable=False),
    Column("point", Integer, nullable=False),
    Column("units", JSON, nullable=False),
    Column("every", String(16), nullable=False),  # weekly | fortnightly | monthly | quarterly
    Column("day", Integer, nullable=False),  # day of the week (1 is Monday) or of the month
    Column("by", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime, nullable=True),
    UniqueConstraint("doc_number", "name", name="uq_collections_name"),
)
