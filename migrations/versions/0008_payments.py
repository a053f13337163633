"""Orders, payments and their events, plans of people, notices; limits of a job's plan."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.database import Moment

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.add_column("job", sa.Column("running_max", sa.Integer(), server_default="4", nullable=False))
    op.add_column(
        "account", sa.Column("notice_below", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.add_column("account", sa.Column("noticed", sa.Boolean(), server_default="0", nullable=False))
    _payments()
    _people()


def _payments() -> None:
    op.create_table(
        "purchase",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("till", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("item", sa.String(length=40), nullable=False),
        sa.Column("credits", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("external_id", sa.String(length=180), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_purchase_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase")),
    )
    op.create_index("ix_purchase_person", "purchase", ["person_id", "id"])
    op.create_index("ix_purchase_external", "purchase", ["external_id"])
    op.create_table(
        "payment",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("till", sa.String(length=20), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=True),
        sa.Column("order_id", sa.String(length=32), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("item", sa.String(length=40), nullable=False),
        sa.Column("credits", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("applied", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=True),
        sa.Column("quarantine", sa.String(length=200), nullable=True),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_payment_person_id")),
        sa.ForeignKeyConstraint(["order_id"], ["purchase.id"], name=op.f("fk_payment_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
    )
    op.create_index("ix_payment_person", "payment", ["person_id"])
    op.create_index("ix_payment_order", "payment", ["order_id"])
    op.create_table(
        "payment_event",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("till", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("received_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_event")),
    )
    op.create_index(
        "ix_payment_event_quarantined",
        "payment_event",
        ["received_at"],
        sqlite_where=sa.text("outcome = 'quarantined'"),
        postgresql_where=sa.text("outcome = 'quarantined'"),
    )


def _people() -> None:
    op.create_table(
        "customer",
        sa.Column("till", sa.String(length=20), nullable=False),
        sa.Column("external_id", sa.String(length=180), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_customer_person_id")),
        sa.PrimaryKeyConstraint("till", "external_id", name=op.f("pk_customer")),
    )
    op.create_index("ix_customer_person", "customer", ["person_id"])
    op.create_table(
        "standing",
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("plan", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("till", sa.String(length=20), nullable=False),
        sa.Column("external_id", sa.String(length=180), nullable=False),
        sa.Column("period_start", Moment(), nullable=False),
        sa.Column("period_end", Moment(), nullable=False),
        sa.Column("ends", sa.Boolean(), nullable=False),
        sa.Column("told_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_standing_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_standing")),
    )
    op.create_index("ix_standing_external", "standing", ["external_id"])
    op.create_table(
        "notice",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index(
        "ix_notice_due",
        "notice",
        ["due_at"],
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
