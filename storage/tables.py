"""Every table, in one place, with the reason for each uniqueness and index.

Only `storage` imports this. Times are aware datetimes in Python and UTC in the database; a second notice
stands beside the first, so rows that belong to a notice carry its document number.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime. SQLite has no time zones, so values are stored as UTC and come back as UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuses a naive time: it would be read as another hour on the way back."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime never reaches the database")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        stored: datetime = value
        return stored.replace(tzinfo=UTC) if stored.tzinfo is None else stored.astimezone(UTC)


# SQLite only numbers rows by itself when the key is a plain INTEGER.
_Id = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData()


def _where(condition: str) -> dict[str, Any]:
    """The condition of a partial index, for both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


inbox = Table(
    "inbox",
    metadata,
    Column("id", _Id, primary_key=True),
    # WeCom sends a message up to four times; the key makes the second a look-up instead of a second effect.
    Column("key", String(512), nullable=False, unique=True),
    Column("channel", String(16), nullable=False),
    Column("agent", String(32), nullable=False),
    Column("person", String(64), nullable=False),
    Column("chat", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("event", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("state", String(8), nullable=False),  # done | failed
    Column("outcome", String(32), nullable=False),  # the route that took it, or its failure
    Column("error_ref", String(16), nullable=False),
    Column("ms", Float, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("key", String(512), nullable=False, unique=True),
    Column("after", String(512), nullable=True),  # the key of the part that must have left before this one
    Column("channel", String(16), nullable=False),
    Column("target", String(64), nullable=False),
    Column("payload", JSON, nullable=False),
    Column("priority", Integer, nullable=False),  # smaller goes first: an answer before a reminder
    Column("state", String(8), nullable=False),  # inline | queued | sending | sent | parked | dropped
    Column("via", String(8), nullable=False),  # how it left: inline | push
    Column("attempts", Integer, nullable=False),
    Column("next_at", UtcDateTime, nullable=False),
    Column("owner", String(64), nullable=False),
    Column("lease_until", UtcDateTime, nullable=True),
    # When an attempt may have worked without our knowing: only then is WeCom asked to drop a repetition.
    Column("maybe_sent_at", UtcDateTime, nullable=True),
    Column("reason", Text, nullable=False),  # why it waits or was parked, and the next step, for the admin
    Column("created_at", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime, nullable=True),
    # Partial indexes: finished rows are the many, and nobody looks for them by these. A claim reads the
    # first few of each priority in order, however many wait behind them.
    Index("ix_outbox_queued", "channel", "priority", "next_at", "id", **_where("state = 'queued'")),
    Index("ix_outbox_leased", "lease_until", **_where("state IN ('inline', 'sending')")),
    Index("ix_outbox_parked", "id", **_where("state = 'parked'")),
    # The sliding windows of WeCom's limits.
    Index("ix_outbox_pushed", "target", "sent_at", **_where("via = 'push'")),
    Index("ix_outbox_held", "target", **_where("state = 'sending'")),
)

# How fast a channel may send, and how much today, over all replicas; changed only under the claims' lock.
paces = Table(
    "paces",
    metadata,
    Column("scope", String(96), primary_key=True),  # app, tenant, webhook:<target>
    Column("next_at", UtcDateTime, nullable=False),  # when the next message has its turn
    Column("day", Date, nullable=False),
    Column("used", Integer, nullable=False),  # messages on that day
    Column("paused_until", UtcDateTime, nullable=True),  # WeCom refuses everybody until then
    Column("reason", Text, nullable=False),
)

conversations = Table(
    "conversations",
    metadata,
    Column("key", String(160), primary_key=True),  # channel:chat:person
    Column("memory", JSON, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)

questions = Table(
    "questions",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("inbox_key", String(512), nullable=False, unique=True),
    Column("person", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("outcome", String(16), nullable=False),  # unknown | suggest | picked | wrong
    Column("points", JSON, nullable=False),  # what was offered, picked or wrongly shown
    Column("asked_at", UtcDateTime, nullable=False),
    Column("settled_at", UtcDateTime, nullable=True),  # empty: the office has not dealt with it yet
    # Defaults in the database, so that a replica of an older version can go on writing questions.
    Column("settled_by", String(64), nullable=False, server_default=""),
    Column("how", String(8), nullable=False, server_default=""),  # taught | ignored
    Column("phrase", String(64), nullable=False, server_default=""),  # the one whose teaching settled it
    Index("ix_questions_asked_at", "asked_at"),
    Index("ix_questions_open", "id", **_where("settled_at IS NULL")),
)

taught = Table(
    "taught",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("doc_number", String(64), nullable=False),
    Column("phrase", String(64), nullable=False),  # comparable
    Column("typed", Text, nullable=False),  # as the admin wrote it
    Column("point", Integer, nullable=False),
    Column("quote", Text, nullable=False),  # empty: the whole point
    Column("by", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("doc_number", "phrase", name="uq_taught_phrase"),
)

# Rows are only ever added: who did what, and by its count and newest id whether knowledge has changed.
audit = Table(
    "audit",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("person", String(64), nullable=False),
    Column("action", String(32), nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", JSON, nullable=False),
    Index("ix_audit_action", "action", "id"),  # every replica asks every few seconds
)

tokens = Table(
    "tokens",
    metadata,
    Column("key", String(128), primary_key=True),
    Column("value", Text, nullable=False),
    Column("expires_at", UtcDateTime, nullable=True),
    Column("lease_owner", String(64), nullable=False),  # who fetches a new one just now
    Column("lease_until", UtcDateTime, nullable=True),
)

notices = Table(
    "notices",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("doc_number", String(64), nullable=False, unique=True),
    Column("title", Text, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("issued_on", Date, nullable=True),
    Column("year", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("source_name", Text, nullable=False),
    Column("imported_at", UtcDateTime, nullable=False),
    Column("imported_by", String(64), nullable=False),
    Column("active", Boolean, nullable=False),
)

assignments = Table(
    "assignments",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("doc_number", String(64), nullable=False),
    Column("point", Integer, nullable=False),
    Column("clause", Text, nullable=False),  # empty: the whole point
    Column("part", Text, nullable=False),  # the one thing meant where a sentence lists several
    Column("lead", Text, nullable=False),
    Column("participants", JSON, nullable=False),
    Column("co_leads", JSON, nullable=False),
    Column("status", String(16), nullable=False),  # suggested | confirmed
    Column("source", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("confirmed_by", Text, nullable=False),
    Column("confirmed_on", Date, nullable=True),
    Column("imported_at", UtcDateTime, nullable=False),
    Column("imported_by", String(64), nullable=False),
    UniqueConstraint("doc_number", "point", "clause", "part", name="uq_assignments_place"),
)

# Who is who. A binding is never overwritten: replacing someone ends one row and begins another, so that a
# report of last spring still has its reporter.
people = Table(
    "people",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("userid", String(64), nullable=False),  # in lower case: WeCom compares without regard to it
    Column("name", String(64), nullable=False),
    Column("role", String(16), nullable=False),  # liaison | leader | admin | official | enterprise
    Column("unit", String(64), nullable=False),  # short name of a unit or a county; empty for a city leader
    Column("post", String(64), nullable=False),
    Column("mobile", String(32), nullable=False),
    Column("bound_at", UtcDateTime, nullable=False),
    Column("bound_by", String(64), nullable=False),
    Column("unbound_at", UtcDateTime, nullable=True),
    Column("unbound_by", String(64), nullable=False),
    # One liaison per unit: two would each get the prompt, and each wait for the other.
    Index("uq_people_liaison", "unit", unique=True, **_where("role = 'liaison' AND unbound_at IS NULL")),
    Index("uq_people_binding", "userid", "role", "unit", unique=True, **_where("unbound_at IS NULL")),
)

rounds = Table(
    "rounds",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("doc_number", String(64), nullable=False),
    Column("name", String(64), nullable=False),  # 7月进展报送
    Column("kind", String(16), nullable=False),  # monthly | quarterly | weekly | once
    Column("opened_at", UtcDateTime, nullable=False),
    Column("opened_by", String(64), nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime, nullable=True),
    Column("closed_by", String(64), nullable=False),
    UniqueConstraint("doc_number", "name", name="uq_rounds_name"),
)

prompts = Table(
    "prompts",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("round_id", _Id, nullable=False),
    Column("point", Integer, nullable=False),
    Column("unit", String(64), nullable=False),
    Column("basis", String(16), nullable=False),  # confirmed | notice | released
    # The things asked, as they were numbered in the message: each with what, unit and target.
    Column("items", JSON, nullable=False),
    Column("state", String(16), nullable=False),  # owed | partial | answered | objected | exempt
    Column("bundle", String(160), nullable=False),  # key of the outbox row that asks; empty: nobody to ask
    Column("answered_at", UtcDateTime, nullable=True),
    Column("answered_key", String(512), nullable=False),  # the message that answered last
    UniqueConstraint("round_id", "point", "unit", name="uq_prompts_place"),
    Index("ix_prompts_unit", "unit", **_where("state IN ('owed', 'partial')")),
    Index("ix_prompts_bundle", "bundle"),
)

# Rows are only ever added: a correction is a new version that names the one it replaces.
reports = Table(
    "reports",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("doc_number", String(64), nullable=False),
    Column("point", Integer, nullable=False),
    Column("unit", String(64), nullable=False),
    Column("round_id", _Id, nullable=True),  # empty: told without being asked
    Column("replaces", _Id, nullable=True, unique=True),  # a version is replaced once
    Column("kind", String(16), nullable=False),  # report | correction | withdrawn | restored | trimmed
    Column("person", String(64), nullable=False),
    Column("message_key", String(512), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("text", Text, nullable=False),  # the unit's own words
    Column("percent", Float, nullable=True),
    Column("status", String(16), nullable=False),
    Column("difficulty", Text, nullable=False),
    Column("help_needed", Text, nullable=False),
    Column("next_step", Text, nullable=False),
    Column("due", Date, nullable=True),
    Column("nothing_new", Boolean, nullable=False),
    Column("elsewhere", Boolean, nullable=False),  # reported on the province's platform
    Column("late", Boolean, nullable=False),
    # A message says one thing of a point: what would be written twice collides.
    UniqueConstraint("message_key", "point", "unit", name="uq_reports_message"),
    Index("ix_reports_place", "doc_number", "point", "unit"),
)

figures = Table(
    "figures",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("report_id", _Id, nullable=False),
    Column("target", String(16), nullable=False),  # the notice's figure; empty for others
    Column("what", Text, nullable=False),
    Column("value", Float, nullable=False),  # as said
    Column("unit", String(32), nullable=False),
    Column("in_target_unit", Float, nullable=True),
    # The message that said it: a carried-over figure of a corrected report keeps its own.
    Column("message_key", String(512), nullable=False),
    Column("as_of", Date, nullable=False),
    Index("ix_figures_report", "report_id"),
)

objections = Table(
    "objections",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("prompt_id", _Id, nullable=False),
    Column("point", Integer, nullable=False),
    Column("unit", String(64), nullable=False),
    Column("person", String(64), nullable=False),
    Column("message_key", String(512), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("text", Text, nullable=False),
    Column("refers_to", String(64), nullable=False),  # the unit that was named instead
    Column("decision", String(16), nullable=False),  # "" | upheld | rejected
    Column("decided_at", UtcDateTime, nullable=True),
    Column("decided_by", String(64), nullable=False),
    Index("ix_objections_open", "id", **_where("decided_at IS NULL")),
    UniqueConstraint("prompt_id", "message_key", name="uq_objections_message"),
)

attachments = Table(
    "attachments",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("message_key", String(512), nullable=False, unique=True),
    Column("person", String(64), nullable=False),
    Column("unit", String(64), nullable=False),
    Column("point", Integer, nullable=True),
    Column("subject", String(32), nullable=False),  # report:12, case:3; empty: nothing yet
    Column("kind", String(16), nullable=False),  # image | file | voice | video
    Column("name", Text, nullable=False),
    Column("media_id", Text, nullable=False),
    Column("state", String(16), nullable=False),  # wanted | stored | refused
    Column("path", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("reason", Text, nullable=False),  # why it was refused, in a sentence for the sender
    Column("attempts", Integer, nullable=False),
    Column("next_at", UtcDateTime, nullable=False),  # when to try (again); a claim moves it ahead
    Column("sent_at", UtcDateTime, nullable=False),
    Column("stored_at", UtcDateTime, nullable=True),
    Index("ix_attachments_wanted", "next_at", **_where("state = 'wanted'")),
    Index("ix_attachments_person", "person", "sent_at"),
)

# 典型案例 and 改革举措 (points 41 and 42).
cases = Table(
    "cases",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("doc_number", String(64), nullable=False),
    Column("kind", String(16), nullable=False),  # case | reform
    Column("unit", String(64), nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("person", String(64), nullable=False),
    Column("message_key", String(512), nullable=False, unique=True),
    Column("at", UtcDateTime, nullable=False),
    Column("withdrawn_at", UtcDateTime, nullable=True),
    Column("withdrawn_by", String(64), nullable=False),
    Index("ix_cases_unit", "doc_number", "kind", "unit"),
)

# What a person of the office let out: a red light is a draft until it is here.
releases = Table(
    "releases",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("kind", String(16), nullable=False),  # red
    Column("subject", String(64), nullable=False),  # 潮百千万发〔2024〕7号#17
    Column("basis", String(512), nullable=False),  # the message it was judged on
    Column("by", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("kind", "subject", "basis", name="uq_releases"),
)

# --- the clock ---------------------------------------------------------------------------------------

# A fire time is done once over all replicas: the row decides who does it, and its effects commit with it.
job_runs = Table(
    "job_runs",
    metadata,
    Column("id", _Id, primary_key=True),
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
    Index("ix_job_runs_open", "job", **_where("state IN ('running', 'failed')")),
)

# What goes to a leader or to many is written first and sent by a person.
drafts = Table(
    "drafts",
    metadata,
    Column("id", _Id, primary_key=True),
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
    Index("ix_drafts_open", "id", **_where("state IN ('draft', 'held')")),
)

# 延期 and 退回补充: what moves the day on which a prompt is due.
extensions = Table(
    "extensions",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("prompt_id", _Id, nullable=False),
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
    Index("ix_extensions_open", "id", **_where("decided_at IS NULL")),
)

# 暂停催办: nobody is reminded or escalated meanwhile.
quiets = Table(
    "quiets",
    metadata,
    Column("id", _Id, primary_key=True),
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
    Column("id", _Id, primary_key=True),
    Column("person", String(64), nullable=False, unique=True),  # userid in lower case
    Column("hour", Integer, nullable=False),
    Column("minute", Integer, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("weekends", Boolean, nullable=False),
    Column("empty_line", Boolean, nullable=False),  # one line on a day without news, instead of nothing
    # sections and points by number, units, counties and towns by name; nothing named is everything.
    Column("scope", JSON, nullable=False),
    Column("by", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

# What was told to whom in a digest, so that the next one tells only what changed.
digests = Table(
    "digests",
    metadata,
    Column("id", _Id, primary_key=True),
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
    Column("id", _Id, primary_key=True),
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
    Column("id", _Id, primary_key=True),
    Column("closing_id", _Id, nullable=False),
    Column("number", Integer, nullable=False),  # the first, the second …
    Column("due_on", Date, nullable=False),
    Column("asked_at", UtcDateTime, nullable=True),
    Column("answered_at", UtcDateTime, nullable=True),
    Column("answer", Text, nullable=False),
    Column("message_key", String(512), nullable=False),
    Column("finding", String(16), nullable=False),  # "" | holds | mostly | relapsed
    UniqueConstraint("closing_id", "number", name="uq_lookbacks_number"),
    Index("ix_lookbacks_due", "due_on", **_where("asked_at IS NULL")),
)

# 定期报送 such as point 40's videos: the notice says 定期, the office says how often.
collections = Table(
    "collections",
    metadata,
    Column("id", _Id, primary_key=True),
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
