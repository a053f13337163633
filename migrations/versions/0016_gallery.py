"""The gallery: favourites, how often a picture was downloaded, and the persona it was made of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.database import Moment

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

KEPT = sa.text("state = 'succeeded' AND deleted_at IS NULL")
PERSONA = sa.text("persona IS NOT NULL")
FAVOURITE = sa.text("favourite_at IS NOT NULL")


def upgrade() -> None:
    """Go up."""
    op.add_column("job", sa.Column("persona", sa.String(100), nullable=True))
    op.add_column("picture", sa.Column("favourite_at", Moment(), nullable=True))
    op.add_column(
        "picture", sa.Column("downloads", sa.Integer(), nullable=False, server_default="0")
    )
    op.create_index(
        "ix_job_results",
        "job",
        ["person_id", "operation", "id"],
        sqlite_where=KEPT,
        postgresql_where=KEPT,
    )
    op.create_index(
        "ix_job_persona",
        "job",
        ["person_id", "persona", "id"],
        sqlite_where=PERSONA,
        postgresql_where=PERSONA,
    )
    op.create_index(
        "ix_picture_favourite",
        "picture",
        ["job_id", "position"],
        sqlite_where=FAVOURITE,
        postgresql_where=FAVOURITE,
    )
