"""What replicas share about things of which there may be only one, and where a robot may still answer."""

from __future__ import annotations

from sqlalchemy import Column, Index, String, Table, Text

from storage.tables.columns import UtcDateTime, metadata

# Who holds a thing of which there is only one, such as the robot's connection, and until when.
leases = Table(
    "leases",
    metadata,
    Column("name", String(96), primary_key=True),
    Column("owner", String(64), nullable=False),
    Column("until", UtcDateTime, nullable=False),
)

# Addresses a robot got with a message and may answer by once, within the hour: bearer secrets, so a row goes
# when its address is used, and the old ones with the next that comes.
robot_urls = Table(
    "robot_urls",
    metadata,
    Column("key", String(512), primary_key=True),  # of the message it came with
    Column("target", String(64), nullable=False),  # the group, or the person in a private chat
    Column("url", Text, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    Index("ix_robot_urls_target", "target", "until"),
)
