"""The ledger: accounts, transfers, lots and holds instead of plain wallets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.database import Moment

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_SYSTEM = ("stripe", "stars", "discord", "operator", "revenue", "expired", "provider_loss")


def upgrade() -> None:
    """Go up."""
    op.rename_table("hold", "old_hold")
    op.create_table(
        "account",
        sa.Column("id", sa.String(length=160), nullable=False),
        sa.Column("kind", sa.String(length=6), nullable=False),
        sa.Column("owner", sa.String(length=100), nullable=False),
        sa.Column("scope", sa.String(length=100), nullable=True),
        sa.Column("posted", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("pending", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("expires_at", Moment(), nullable=True),
        sa.CheckConstraint("pending >= 0", name=op.f("ck_account_pending")),
        sa.CheckConstraint("kind <> 'pool' OR posted >= pending", name=op.f("ck_account_floor")),
        sa.CheckConstraint("kind IN ('person', 'pool', 'system')", name=op.f("ck_account_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
    )
    op.create_index("ix_account_owner", "account", ["owner"])
    op.create_index(
        "ix_account_expires",
        "account",
        ["expires_at"],
        sqlite_where=sa.text("expires_at IS NOT NULL"),
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )
    op.create_table(
        "transfer",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("seq", sa.String(length=32), nullable=False),
        sa.Column("debit", sa.String(length=160), nullable=False),
        sa.Column("credit", sa.String(length=160), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.Column("actor", sa.String(length=120), nullable=True),
        sa.Column("community", sa.String(length=100), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("made_at", Moment(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_transfer_amount")),
        sa.CheckConstraint("debit <> credit", name=op.f("ck_transfer_sides")),
        sa.ForeignKeyConstraint(["debit"], ["account.id"], name=op.f("fk_transfer_debit")),
        sa.ForeignKeyConstraint(["credit"], ["account.id"], name=op.f("fk_transfer_credit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer")),
        sa.UniqueConstraint("seq", name=op.f("uq_transfer_seq")),
    )
    op.create_index("ix_transfer_debit", "transfer", ["debit", "seq"])
    op.create_index("ix_transfer_credit", "transfer", ["credit", "seq"])
    op.create_table(
        "lot",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("account", sa.String(length=160), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("remaining", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=True),
        sa.Column("made_at", Moment(), nullable=False),
        sa.CheckConstraint("remaining >= 0 AND remaining <= amount", name=op.f("ck_lot_within")),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_lot_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot")),
    )
    op.create_index(
        "ix_lot_left",
        "lot",
        ["account"],
        sqlite_where=sa.text("remaining > 0"),
        postgresql_where=sa.text("remaining > 0"),
    )
    op.create_table(
        "hold",
        sa.Column("job_id", sa.String(length=32), nullable=False),
        sa.Column("account", sa.String(length=160), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("scoped", sa.String(length=160), nullable=True),
        sa.Column("scoped_amount", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("captured", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("state", sa.String(length=10), server_default="pending", nullable=False),
        sa.CheckConstraint("amount >= 0 AND scoped_amount >= 0", name="ck_hold_amounts"),
        sa.CheckConstraint(
            "captured >= 0 AND captured <= amount + scoped_amount", name="ck_hold_part"
        ),
        sa.CheckConstraint("state IN ('pending', 'captured', 'voided')", name="ck_hold_states"),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name="fk_hold_account"),
        sa.ForeignKeyConstraint(["scoped"], ["account.id"], name="fk_hold_scoped"),
        sa.PrimaryKeyConstraint("job_id", name="pk_hold_job"),
    )
    op.create_index(
        "ix_hold_pending",
        "hold",
        ["account"],
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    _carry_over()
    op.drop_table("old_hold")
    op.drop_table("wallet")
    _only_added("transfer")


def _carry_over() -> None:
    """Every wallet becomes an account with one lot; jobs at work keep their holds."""
    table = sa.table("account", sa.column("id"), sa.column("kind"), sa.column("owner"))
    op.bulk_insert(table, [{"id": name, "kind": "system", "owner": name} for name in _SYSTEM])
    op.execute(
        "INSERT INTO account (id, kind, owner, posted, pending) "
        "SELECT 'person:' || person_id, 'person', person_id, posted, pending FROM wallet"
    )
    op.execute(
        "INSERT INTO transfer (id, seq, debit, credit, amount, kind, made_at) "
        "SELECT 'opening:' || w.person_id, w.person_id, 'operator', 'person:' || w.person_id, "
        "w.posted, 'operator', p.created_at FROM wallet w JOIN person p ON p.id = w.person_id "
        "WHERE w.posted > 0"
    )
    op.execute(
        "INSERT INTO lot (id, account, source, rank, amount, remaining, made_at) "
        "SELECT 'opening:' || w.person_id, 'person:' || w.person_id, 'operator', 1, w.posted, "
        "w.posted, p.created_at FROM wallet w JOIN person p ON p.id = w.person_id "
        "WHERE w.posted > 0"
    )
    # What was captured before is part of no transfer: it came and went before the ledger began.
    op.execute(
        "INSERT INTO hold (job_id, account, amount, captured, state) "
        "SELECT job_id, 'person:' || person_id, amount, 0, state FROM old_hold "
        "WHERE state = 'pending'"
    )


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
