"""Which jobs, and which calls, somebody's own key pays for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    for table in ("job", "attempt"):
        op.add_column(
            table, sa.Column("own_key", sa.Boolean(), nullable=False, server_default=sa.false())
        )
