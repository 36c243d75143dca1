"""An objection may be about some of the things a prompt asks, and not about all of it."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("objections", sa.Column("items", sa.JSON(), nullable=True))
