"""Claims as they were handed in, what became known about them since, and the files that belong to them."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision: str | None = "0008"


def upgrade() -> None:
    op.create_table(
        "claim",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("key_hash", sa.LargeBinary),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("until", sa.Text),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("contact", sa.LargeBinary),
        sa.Column("bank", sa.LargeBinary),
        sa.Column("at", sa.Integer, nullable=False),
    )
    op.create_index("claim_by_stage", "claim", ["stage", "number"])
    op.create_table(
        "claim_fact",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("claim", sa.Text, sa.ForeignKey("claim.id"), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("item", sa.Text, nullable=False),
        sa.Column("on_day", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("minor", sa.Integer),
        sa.Column("currency", sa.Text),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("at", sa.Integer, nullable=False),
    )
    op.create_index("claim_fact_by_claim", "claim_fact", ["claim", "number"])
    op.create_table(
        "claim_serial",
        sa.Column("serial", sa.Text, primary_key=True),
        sa.Column("claim", sa.Text, sa.ForeignKey("claim.id"), nullable=False),
    )
    op.create_table(
        "claim_file",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("claim", sa.Text, sa.ForeignKey("claim.id"), nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("item", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", sa.Integer, nullable=False),
    )
    op.create_index("claim_file_by_claim", "claim_file", ["claim", "number"])
