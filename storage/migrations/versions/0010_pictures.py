"""Whether a leader wants the picture behind his digest."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("subscriptions", sa.Column("picture", sa.Boolean(), nullable=True))
