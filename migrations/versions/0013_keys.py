"""People's own keys for vendors, sealed, and what belongs to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.database import Moment

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.create_table(
        "data_key",
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_data_key_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_data_key")),
    )
    op.create_table(
        "provider_key",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("vendor", sa.String(length=40), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("last4", sa.String(length=4), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("last_ok_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_provider_key_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_key")),
        sa.UniqueConstraint("person_id", "vendor", name=op.f("uq_provider_key_person_id")),
    )
    op.create_table(
        "key_choice",
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("prefer", sa.String(length=10), nullable=False),
        sa.Column("fall_back", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_key_choice_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_key_choice")),
    )
    op.create_table(
        "key_ticket",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("until", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_key_ticket_person_id")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_key_ticket")),
    )
    op.create_index("ix_key_ticket_until", "key_ticket", ["until"])
