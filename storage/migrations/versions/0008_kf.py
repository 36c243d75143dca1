"""微信客服: cursors of its accounts, and the visitors with what may still be said to them."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "kf_accounts",
        sa.Column("open_kfid", sa.String(length=64), nullable=False),
        sa.Column("cursor", sa.String(length=128), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("token_at", _AT, nullable=True),
        sa.Column("since", _AT, nullable=False),
        sa.Column("wanted_at", _AT, nullable=True),
        sa.Column("next_at", _AT, nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("lease_until", _AT, nullable=True),
        sa.PrimaryKeyConstraint("open_kfid"),
    )
    condition = sa.text("wanted_at IS NOT NULL")
    op.create_index(
        "ix_kf_accounts_wanted",
        "kf_accounts",
        ["next_at"],
        sqlite_where=condition,
        postgresql_where=condition,
    )
    op.create_table(
        "kf_visitors",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("open_kfid", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("external_userid", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("heard_at", _AT, nullable=True),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("handed_at", _AT, nullable=True),
        sa.Column("servicer", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("open_kfid", "person", name="uq_kf_visitors_person"),
    )
    op.create_index("ix_kf_visitors_person", "kf_visitors", ["person", "heard_at"])
