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
    Column("state", String(8), nullable=False),  # inline | queued | sending | sent | parked
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
    # Partial indexes: finished rows are the many, and nobody looks for them by these.
    Index("ix_outbox_due", "next_at", **_where("state IN ('inline', 'queued', 'sending', 'parked')")),
    # The sliding windows of WeCom's limits.
    Index("ix_outbox_pushed", "target", "sent_at", **_where("via = 'push'")),
    Index("ix_outbox_held", "target", **_where("state = 'sending'")),
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
