"""Channels can be switched off and on, and a try says in codes why it failed, for a page in any language."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"


def upgrade() -> None:
    op.add_column("channel", sa.Column("enabled", sa.Boolean, nullable=False, server_default="1"))
    op.add_column("channel", sa.Column("hears_from", sa.Integer, nullable=False, server_default="0"))
    op.add_column("delivery", sa.Column("code", sa.Text, nullable=False, server_default=""))
    op.add_column("delivery", sa.Column("details", sa.Text, nullable=False, server_default="{}"))
