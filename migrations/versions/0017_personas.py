"""Personas, and their photos."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.database import Moment

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_UNDECIDED = sa.text("state IN ('asked', 'checking')")


def upgrade() -> None:
    """Go up."""
    op.create_table(
        "persona",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("person_id", sa.String(32), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("name_key", sa.String(120), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("consent_at", Moment()),
        sa.Column("created_at", Moment(), nullable=False),
        sa.UniqueConstraint("person_id", "name_key"),
    )
    op.create_index(
        "ix_persona_undecided",
        "persona",
        ["created_at"],
        sqlite_where=_UNDECIDED,
        postgresql_where=_UNDECIDED,
    )
    op.create_table(
        "persona_photo",
        sa.Column("persona_id", sa.String(32), sa.ForeignKey("persona.id"), primary_key=True),
        sa.Column("position", sa.Integer(), primary_key=True),
        sa.Column("sha256", sa.String(64)),
        sa.Column("media_type", sa.String(20), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(20)),
    )
    op.create_index("ix_persona_photo_sha256", "persona_photo", ["sha256"])
