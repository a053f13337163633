"""Results that may be given again to who asks for the very same."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.database import Moment

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.create_table(
        "result",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("job_id", sa.String(32), sa.ForeignKey("job.id"), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
    )
    op.create_index("ix_result_made", "result", ["made_at"])
    # What is counted by `atelier models stats`.
    op.create_index("ix_attempt_started", "attempt", ["started_at"])
