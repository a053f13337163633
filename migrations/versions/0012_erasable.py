"""Indices over what is blanked after a month, for the sweep."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_EVENTS = sa.text("body != '' AND outcome != 'quarantined' AND (till != 'stars' OR kind != 'paid')")
_NOTICES = sa.text("address != '' AND state != 'pending'")


def upgrade() -> None:
    """Go up."""
    op.create_index(
        "ix_payment_event_erasable",
        "payment_event",
        ["received_at"],
        sqlite_where=_EVENTS,
        postgresql_where=_EVENTS,
    )
    op.create_index(
        "ix_notice_erasable",
        "notice",
        ["made_at"],
        sqlite_where=_NOTICES,
        postgresql_where=_NOTICES,
    )
