"""How long footage is kept, and settings of the whole installation."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"


def upgrade() -> None:
    for name, default in (("keep_days", "14"), ("keep_event_days", "60"), ("most_gb", "0")):
        op.add_column("camera", sa.Column(name, sa.Float, nullable=False, server_default=default))
    op.create_table(
        "setting",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
