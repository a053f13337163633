"""Which customer of a person's is the latest, which one pays for their plan, and whose month is over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.database import Moment

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.add_column("customer", sa.Column("made_at", Moment(), nullable=True))
    op.add_column("standing", sa.Column("customer", sa.String(length=180), nullable=True))
    op.create_index("ix_standing_due", "standing", ["till", "period_end"])
