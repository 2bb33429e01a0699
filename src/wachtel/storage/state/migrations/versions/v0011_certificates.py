"""The certificates cameras are known by, and in which codec a camera is recorded."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision: str | None = "0010"


def upgrade() -> None:
    op.add_column("camera", sa.Column("certificates", sa.Text, nullable=False, server_default="[]"))
    op.add_column("camera", sa.Column("record_as", sa.Text, nullable=False, server_default="sent"))
