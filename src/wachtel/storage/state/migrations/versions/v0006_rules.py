"""Rules with what they drive, their orders, their log, what they hold, and what they know of their sites."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision: str | None = "0005"


def upgrade() -> None:
    _rules()
    _work()
    op.create_table(
        "site_facts",
        sa.Column("site", sa.Text, sa.ForeignKey("site.id"), primary_key=True),
        sa.Column("latitude", sa.Float),
        sa.Column("longitude", sa.Float),
        sa.Column("armed", sa.Text, nullable=False),
        sa.Column("armed_at", sa.Integer, nullable=False),
    )
    op.create_table(
        "sensor",
        sa.Column("site", sa.Text, sa.ForeignKey("site.id"), primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("at", sa.Integer, nullable=False),
    )


def _rules() -> None:
    op.create_table(
        "rule",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("site", sa.Text, sa.ForeignKey("site.id"), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("definition", sa.Text, nullable=False),
        sa.Column("enabled", sa.Boolean, nullable=False),
        sa.Column("created", sa.Integer, nullable=False),
        sa.Column("hears_from", sa.Integer, nullable=False),
    )
    op.create_table(
        "actuator",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("site", sa.Text, sa.ForeignKey("site.id"), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("settings", sa.LargeBinary, nullable=False),
        sa.Column("created", sa.Integer, nullable=False),
    )


def _work() -> None:
    op.create_table(
        "rule_order",
        sa.Column("number", sa.Integer, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("rule", "cause")),
        sa.Column("place", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("lane", "body", "state")),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("tries", "made", "next_try")),
        sa.Column("last_error", sa.Text, nullable=False),
        sa.UniqueConstraint("rule", "cause", "place"),
    )
    op.create_index("rule_order_by_state", "rule_order", ["state", "lane", "number"])
    op.create_table(
        "rule_note",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("at", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("cause", "why", "detail")),
        sa.Column("times", sa.Integer, nullable=False),
    )
    op.create_index("rule_note_by_rule", "rule_note", ["rule", "id"])
    op.create_table(
        "rule_held",
        sa.Column("actuator", sa.Text, primary_key=True),
        sa.Column("rule", sa.Text, primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True),
        sa.Column("body", sa.Text, nullable=False),
    )
