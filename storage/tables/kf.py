"""微信客服: how far each account was read, and whom of its visitors may be told something."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text, UniqueConstraint

from storage.tables.columns import Id, UtcDateTime, metadata, where

kf_accounts = Table(
    "kf_accounts",
    metadata,
    Column("open_kfid", String(64), primary_key=True),
    Column("cursor", String(128), nullable=False),
    Column("token", Text, nullable=False),  # of the last callback: without it WeCom limits how often we ask
    Column("token_at", UtcDateTime, nullable=True),
    Column("since", UtcDateTime, nullable=False),  # what was said before is history, and not answered
    Column("wanted_at", UtcDateTime, nullable=True),  # when a callback last said that there is something
    Column("next_at", UtcDateTime, nullable=False),  # not before
    Column("owner", String(64), nullable=False),  # one replica reads at a time
    Column("lease_until", UtcDateTime, nullable=True),
    Index("ix_kf_accounts_wanted", "next_at", **where("wanted_at IS NOT NULL")),
)

kf_visitors = Table(
    "kf_visitors",
    metadata,
    Column("id", Id, primary_key=True),
    Column("open_kfid", String(64), nullable=False),
    Column("person", String(64), nullable=False),  # the external userid in lower case
    Column("external_userid", String(64), nullable=False),  # as WeCom writes it, and wants it back
    Column("name", String(128), nullable=False),  # the nickname, for the office to read
    Column("heard_at", UtcDateTime, nullable=True),  # the last message: 48 hours count from here
    Column("sent", Integer, nullable=False),  # messages since then: five are allowed
    Column("handed_at", UtcDateTime, nullable=True),  # since when a human being answers, and the bot does not
    Column("servicer", String(64), nullable=False),
    UniqueConstraint("open_kfid", "person", name="uq_kf_visitors_person"),
    Index("ix_kf_visitors_person", "person", "heard_at"),
)
