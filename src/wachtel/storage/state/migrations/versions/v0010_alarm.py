"""The alarm panel of each site with its codes and its log, and who is at home."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision: str | None = "0009"


def upgrade() -> None:
    op.create_table(
        "alarm_panel",
        sa.Column("site", sa.Text, sa.ForeignKey("site.id"), primary_key=True),
        sa.Column("settings", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("salt", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "alarm_code",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("site", sa.Text, sa.ForeignKey("site.id"), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("duress", sa.Boolean, nullable=False),
        sa.Column("created", sa.Integer, nullable=False),
    )
    op.create_index("alarm_code_by_site", "alarm_code", ["site"])
    op.create_table(
        "alarm_note",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("site", sa.Text, nullable=False),
        sa.Column("at", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("kind", "who", "detail")),
    )
    op.create_index("alarm_note_by_site", "alarm_note", ["site", "id"])
    op.create_table(
        "presence",
        sa.Column("site", sa.Text, sa.ForeignKey("site.id"), primary_key=True),
        sa.Column("person", sa.Text, primary_key=True),
        sa.Column("home", sa.Boolean, nullable=False),
        sa.Column("at", sa.Integer, nullable=False),
    )
