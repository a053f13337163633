"""Parts of albums that came by webhook."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.database import Moment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.create_table(
        "album_part",
        sa.Column("update_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("album", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("taken_by", sa.String(length=32), nullable=True),
        sa.Column("taken_until", Moment(), nullable=True),
        sa.Column("came_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("update_id", name=op.f("pk_album_part")),
    )
    op.create_index("ix_album_part_album", "album_part", ["album", "update_id"])
    op.create_index("ix_album_part_came", "album_part", ["came_at"])
    op.create_index(
        "ix_album_part_open",
        "album_part",
        ["update_id"],
        sqlite_where=sa.text("body IS NOT NULL"),
        postgresql_where=sa.text("body IS NOT NULL"),
    )
