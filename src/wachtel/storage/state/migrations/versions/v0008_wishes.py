"""Channels of people, what a channel wishes, and for how long it is to be quiet."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision: str | None = "0007"


def upgrade() -> None:
    op.execute("ALTER TABLE channel ADD COLUMN account TEXT REFERENCES account (id) ON DELETE CASCADE")
    op.add_column("channel", sa.Column("wishes", sa.Text, nullable=False, server_default="{}"))
    op.create_table(
        "snooze",
        sa.Column("channel", sa.Text, primary_key=True),
        sa.Column("camera", sa.Text, primary_key=True),
        sa.Column("since", sa.Integer, nullable=False),
        sa.Column("until", sa.Integer, nullable=False),
    )
