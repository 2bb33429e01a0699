"""The tables of the first release."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None


def upgrade() -> None:
    _places_and_cameras()
    _people()
    _log_in()
    _outbox()


def _places_and_cameras() -> None:
    op.create_table(
        "site",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("time_zone", sa.Text, nullable=False),
    )
    op.create_table(
        "camera",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("site", sa.Text, sa.ForeignKey("site.id"), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("main_url", sa.Text, nullable=False),
        sa.Column("main_secret", sa.LargeBinary),
        sa.Column("sub_url", sa.Text),
        sa.Column("sub_secret", sa.LargeBinary),
        sa.Column("mode", sa.Text, nullable=False),
        sa.Column("record", sa.Text, nullable=False),
        sa.Column("record_audio", sa.Boolean, nullable=False),
        sa.Column("transport", sa.Text, nullable=False),
        sa.Column("allow_local", sa.Boolean, nullable=False),
        sa.Column("pre_roll_s", sa.Float, nullable=False),
        sa.Column("post_roll_s", sa.Float, nullable=False),
        sa.Column("gap_limit_s", sa.Float, nullable=False),
        sa.Column("motion", sa.Text, nullable=False),
    )
    op.create_index("camera_by_site", "camera", ["site"])
    op.create_table(
        "removed_camera",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("site", sa.Text, nullable=False),
    )


def _people() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("name_key", sa.Text, nullable=False, unique=True),
        sa.Column("password_hash", sa.Text),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("sites", sa.Text),
        sa.Column("created", sa.Integer, nullable=False),
    )
    op.create_table(
        "token",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("name_key", sa.Text, nullable=False, unique=True),
        sa.Column("hash", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("sites", sa.Text),
        sa.Column("rtsp_secret", sa.LargeBinary),
        sa.Column("created", sa.Integer, nullable=False),
    )
    op.create_table(
        "seen",
        sa.Column("principal", sa.Text, primary_key=True),
        sa.Column("site", sa.Text, primary_key=True),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
    )


def _log_in() -> None:
    account = "account.id"
    op.create_table(
        "session",
        sa.Column("hash", sa.LargeBinary, primary_key=True),
        sa.Column("account", sa.Text, sa.ForeignKey(account, ondelete="CASCADE"), nullable=False),
        sa.Column("created", sa.Integer, nullable=False),
        sa.Column("last_used", sa.Integer, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("agent", sa.Text, nullable=False),
    )
    op.create_index("session_by_account", "session", ["account"])
    op.create_table(
        "log_in_try",
        sa.Column("key", sa.LargeBinary, primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last", sa.Integer, nullable=False),
    )
    op.create_index("log_in_try_by_last", "log_in_try", ["last"])
    op.create_table(
        "known_address",
        sa.Column("account", sa.Text, sa.ForeignKey(account, ondelete="CASCADE"), primary_key=True),
        sa.Column("address", sa.Text, primary_key=True),
        sa.Column("last", sa.Integer, nullable=False),
    )
    op.create_table(
        "link",
        sa.Column("hash", sa.LargeBinary, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("account", sa.Text, sa.ForeignKey(account, ondelete="CASCADE")),
        sa.Column("created", sa.Integer, nullable=False),
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("site", sa.Text, primary_key=True),
        sa.Column("event", sa.Text, primary_key=True),
        sa.Column("rule", sa.Text, primary_key=True),
        sa.Column("channel", sa.Text, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("created", sa.Integer, nullable=False),
        sa.Column("next_try", sa.Integer, nullable=False),
        sa.Column("last_error", sa.Text, nullable=False),
    )
    op.create_index("outbox_due", "outbox", ["state", "next_try"])
