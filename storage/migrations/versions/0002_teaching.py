"""What the office teaches: taught phrases, the audit, and how a kept question was settled."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "taught",
        sa.Column("id", _ID, nullable=False),
        sa.Column("doc_number", sa.String(length=64), nullable=False),
        sa.Column("phrase", sa.String(length=64), nullable=False),
        sa.Column("typed", sa.Text(), nullable=False),
        sa.Column("point", sa.Integer(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("doc_number", "phrase", name="uq_taught_phrase"),
    )
    op.create_table(
        "audit",
        sa.Column("id", _ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_audit_action", "audit", ["action", "id"])
    op.add_column("questions", sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True))
    for name, length in (("settled_by", 64), ("how", 8), ("phrase", 64)):
        # Plain ADD COLUMN: a table of many questions is not copied.
        op.add_column(
            "questions", sa.Column(name, sa.String(length=length), nullable=False, server_default="")
        )
    still_open = sa.text("settled_at IS NULL")
    op.create_index(
        "ix_questions_open", "questions", ["id"], sqlite_where=still_open, postgresql_where=still_open
    )
