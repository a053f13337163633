"""When an identity gave its first command of its own, and so had its free credits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.database import Moment

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.add_column("identity", sa.Column("welcomed_at", Moment(), nullable=True))
    # Until now everybody had them when they were first seen.
    op.execute("UPDATE identity SET welcomed_at = created_at")
