"""The address of the device that a camera's streams were found by."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision: str | None = "0006"


def upgrade() -> None:
    op.add_column("camera", sa.Column("device_url", sa.Text))
    op.add_column("camera", sa.Column("device_secret", sa.LargeBinary))
