"""One message may take back several versions of a point; what it says of a point it still says once."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_PLACE = ["message_key", "point", "unit"]


def upgrade() -> None:
    with op.batch_alter_table("reports") as table:
        table.drop_constraint("uq_reports_message", type_="unique")
    condition = sa.text("kind IN ('report', 'correction')")
    op.create_index(
        "uq_reports_said", "reports", _PLACE, unique=True, sqlite_where=condition, postgresql_where=condition
    )
