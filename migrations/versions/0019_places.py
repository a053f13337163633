"""What a waiting message says of its place in the queue, and whether that is just being changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.database import Moment

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.add_column("job", sa.Column("told_place", sa.Integer()))
    op.add_column("job", sa.Column("telling_until", Moment()))
