"""What people have chosen for wherever a command leaves it open."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.create_table(
        "preference",
        sa.Column("person_id", sa.String(32), sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("model", sa.String(100)),
        sa.Column("ratio", sa.String(20)),
        sa.Column("count", sa.Integer()),
        sa.Column("style", sa.String(40)),
        sa.Column("private", sa.Boolean()),
        sa.Column("language", sa.String(20)),
    )
