"""Indices by age, for the sweep."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.create_index("ix_inbox_received", "inbox", ["received_at"])
    op.create_index("ix_question_asked", "question", ["asked_at"])
    op.create_index("ix_login_until", "login", ["until"])
    op.create_index("ix_session_until", "session", ["until"])
