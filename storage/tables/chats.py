"""Groups the office has bound, how each can be reached, and the keys of group robots typed in chat."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, String, Table, Text

from storage.tables.columns import Id, UtcDateTime, metadata, where

# One row per group of people; it is bound once, and a name means one group at a time.
groups = Table(
    "groups",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", String(64), nullable=False),
    Column("purpose", String(16), nullable=False),  # headquarters | county | task_force | firms
    Column("scope", String(64), nullable=False),  # the county's short name, the section's number, or empty
    Column("weekly", Boolean, nullable=False),  # whether it hears one line a week
    Column("ping", String(64), nullable=False),  # userid of who is pinged in it; empty: nobody
    Column("by", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime, nullable=True),
    Column("ended_by", String(64), nullable=False),
    Index("uq_groups_name", "name", unique=True, **where("ended_at IS NULL")),
)

# The ways into a group: its chat id at the smart robot, a webhook by name, a chat id of an appchat.
chats = Table(
    "chats",
    metadata,
    Column("id", Id, primary_key=True),
    Column("group_id", Id, nullable=False),
    Column("channel", String(16), nullable=False),  # robot | webhook | appchat
    Column("target", String(64), nullable=False),  # never a key: rows and logs carry it
    Column("by", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime, nullable=True),
    Column("ended_by", String(64), nullable=False),
    Index("uq_chats_target", "channel", "target", unique=True, **where("ended_at IS NULL")),
    Index("ix_chats_group", "group_id"),
)

# The key is all that a webhook asks for: it stays in this table and leaves it only to be sent to WeCom.
webhooks = Table(
    "webhooks",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("key", Text, nullable=False),
    Column("by", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)
