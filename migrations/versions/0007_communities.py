"""Communities and their pools, the log of moderators, grants that wait, coupons, @usernames."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.database import Moment

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.add_column("identity", sa.Column("handle", sa.String(length=64), nullable=True))
    op.create_index("ix_identity_handle", "identity", ["handle"])
    # A Telegram chat was named by its bare id before.
    op.execute(
        "UPDATE job SET community = 'telegram:' || community "
        "WHERE community IS NOT NULL AND community NOT LIKE '%:%'"
    )
    op.create_table(
        "community",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("anywhere", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_community")),
    )
    _create_audit()
    _create_pending_grant()
    _create_coupons()


def _create_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("community", sa.String(length=100), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("verb", sa.String(length=20), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("target", sa.String(length=120), nullable=True),
        sa.Column("person_id", sa.String(length=32), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("transfer_id", sa.String(length=200), nullable=True),
        sa.Column("made_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sa.UniqueConstraint("community", "number", name="uq_audit_number"),
    )
    op.create_index("ix_audit_transfer", "audit", ["transfer_id"])
    op.create_index("ix_audit_made", "audit", ["community", "made_at"])
    _only_added("audit")


def _create_pending_grant() -> None:
    op.create_table(
        "pending_grant",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("inbox", sa.String(length=180), nullable=False),
        sa.Column("community", sa.String(length=100), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("asked_by", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("target", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=10), server_default="pending", nullable=False),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.CheckConstraint(
            "state IN ('pending', 'approved', 'refused')", name=op.f("ck_pending_grant_states")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["person.id"], name=op.f("fk_pending_grant_asked_by")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_pending_grant_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pending_grant")),
        sa.UniqueConstraint("inbox", name=op.f("uq_pending_grant_inbox")),
    )


def _create_coupons() -> None:
    op.create_table(
        "coupon",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("credits", sa.BigInteger(), nullable=False),
        sa.Column("uses_max", sa.Integer(), nullable=False),
        sa.Column("uses", sa.Integer(), server_default="0", nullable=False),
        sa.Column("until", Moment(), nullable=True),
        sa.Column("made_at", Moment(), nullable=False),
        sa.CheckConstraint("credits > 0", name=op.f("ck_coupon_credits")),
        sa.CheckConstraint("uses >= 0 AND uses <= uses_max", name=op.f("ck_coupon_uses")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_coupon")),
    )
    op.create_table(
        "coupon_use",
        sa.Column("coupon", sa.String(length=64), nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("used_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["coupon"], ["coupon.hash"], name=op.f("fk_coupon_use_coupon")),
        sa.PrimaryKeyConstraint("coupon", "who", name=op.f("pk_coupon_use")),
    )
    op.create_table(
        "coupon_miss",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("missed_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_coupon_miss_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupon_miss")),
    )
    op.create_index("ix_coupon_miss_person", "coupon_miss", ["person_id", "missed_at"])
    op.create_index("ix_coupon_miss_missed", "coupon_miss", ["missed_at"])


def _only_added(table: str) -> None:
    """The database itself refuses to change or remove rows."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are only added'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_only_added() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION 'rows of {table} are only added'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_only_added()"
    )
