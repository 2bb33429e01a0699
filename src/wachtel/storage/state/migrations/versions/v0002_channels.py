"""Channels, their messages in order, and each try to deliver one."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"


def upgrade() -> None:
    _outbox()
    _channels()
    op.create_table(
        "outage",
        sa.Column("camera", sa.Text, primary_key=True),
        sa.Column("site", sa.Text, nullable=False),
        sa.Column("since", sa.Integer, nullable=False),
        sa.Column("told", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
    )


def _outbox() -> None:
    op.add_column("outbox", sa.Column("number", sa.Integer, nullable=False, server_default="0"))
    op.add_column("outbox", sa.Column("message", sa.Text, nullable=False, server_default=""))
    op.create_index("outbox_by_channel", "outbox", ["channel", "state", "number"])
    op.create_index("outbox_by_number", "outbox", ["number"])
    op.create_table(
        "outbox_mark",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("at", sa.Integer, nullable=False),
    )


def _channels() -> None:
    op.create_table(
        "channel",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("site", sa.Text, sa.ForeignKey("site.id")),
        sa.Column("kinds", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("allow_local", sa.Boolean, nullable=False),
        sa.Column("settings", sa.LargeBinary, nullable=False),
        sa.Column("created", sa.Integer, nullable=False),
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("channel", sa.Text, sa.ForeignKey("channel.id", ondelete="CASCADE"), nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("at", sa.Integer, nullable=False),
        sa.Column("result", sa.Text, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("duration_ms", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
    )
    op.create_index("delivery_by_channel", "delivery", ["channel", "id"])
