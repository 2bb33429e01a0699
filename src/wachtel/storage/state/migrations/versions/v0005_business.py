"""Plans, subscriptions, the ledger of money, and the announced end of a service."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision: str | None = "0004"


def upgrade() -> None:
    _plans()
    op.create_table(
        "ledger_entry",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("key", sa.Text, nullable=False, unique=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("kind", "subscription", "about")),
        sa.Column("minor", sa.Integer, nullable=False),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("currency", "on_day", "start", "end", "words_de", "words_en")
        ),
        sa.Column("at", sa.Integer, nullable=False),
    )
    op.create_index("ledger_entry_by_subscription", "ledger_entry", ["subscription", "kind"])
    _sunset()


def _plans() -> None:
    op.create_table(
        "plan",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("name", "interval", "prices")),
        *(
            sa.Column(name, sa.Integer, nullable=False)
            for name in ("hosted_days", "cameras", "channels", "created")
        ),
    )
    op.create_table(
        "subscription",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("plan", sa.Text, sa.ForeignKey("plan.id"), nullable=False),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("subscriber", "residence", "currency", "time_zone", "starts_on")
        ),
        sa.Column("created", sa.Integer, nullable=False),
    )
    op.create_table(
        "subscription_change",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("subscription", sa.Text, sa.ForeignKey("subscription.id"), nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("kind", "on_day")),
        sa.Column("at", sa.Integer, nullable=False),
    )


def _sunset() -> None:
    op.create_table(
        "sunset_notice",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False, unique=True),
        *(sa.Column(name, sa.LargeBinary, nullable=False) for name in ("body", "signature", "key")),
        sa.Column("at", sa.Integer, nullable=False),
    )
    op.create_table(
        "sunset_step",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("step", sa.Text, nullable=False, unique=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("on_day", "evidence")),
        sa.Column("at", sa.Integer, nullable=False),
    )
