"""What people have chosen for wherever a command leaves it open, and styles of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.database import Moment

revision = "0018"
down_revision = "0017"
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
    op.create_table(
        "style",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("person_id", sa.String(32), sa.ForeignKey("person.id")),
        sa.Column("community", sa.String(100)),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("words", sa.String(500), nullable=False),
        sa.Column("negative", sa.String(500)),
        sa.Column("made_at", Moment(), nullable=False),
        sa.UniqueConstraint("person_id", "name"),
        sa.UniqueConstraint("community", "name"),
        sa.CheckConstraint("(person_id IS NULL) <> (community IS NULL)", name="owner"),
    )
