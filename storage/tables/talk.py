"""Messages in, messages out, what was said lately and what was learned from it."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Column,
    Date,
    Float,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from storage.tables.columns import Id, UtcDateTime, metadata, where

inbox = Table(
    "inbox",
    metadata,
    Column("id", Id, primary_key=True),
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
    Column("id", Id, primary_key=True),
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
    Index("ix_outbox_queued", "channel", "priority", "next_at", "id", **where("state = 'queued'")),
    Index("ix_outbox_leased", "lease_until", **where("state IN ('inline', 'sending')")),
    Index("ix_outbox_parked", "id", **where("state = 'parked'")),
    # The sliding windows of WeCom's limits.
    Index("ix_outbox_pushed", "target", "sent_at", **where("via = 'push'")),
    Index("ix_outbox_held", "target", **where("state = 'sending'")),
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
    Column("id", Id, primary_key=True),
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
    Index("ix_questions_open", "id", **where("settled_at IS NULL")),
)

taught = Table(
    "taught",
    metadata,
    Column("id", Id, primary_key=True),
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
    Column("id", Id, primary_key=True),
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
