"""Delivery under load: the shared pace, and indexes that find the next few rows among many."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "paces",
        sa.Column("scope", sa.String(length=96), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("scope"),
    )
    op.drop_index("ix_outbox_due", table_name="outbox")
    _index("ix_outbox_queued", ["channel", "priority", "next_at", "id"], "state = 'queued'")
    _index("ix_outbox_leased", ["lease_until"], "state IN ('inline', 'sending')")
    _index("ix_outbox_parked", ["id"], "state = 'parked'")


def _index(name: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, "outbox", columns, sqlite_where=condition, postgresql_where=condition)
