"""The tables of state.sqlite as they are now; the migrations lead every older file here."""

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

site = Table(
    "site",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
)

camera = Table(
    "camera",
    metadata,
    Column("id", Text, primary_key=True),
    Column("site", Text, ForeignKey("site.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("main_url", Text, nullable=False),
    Column("main_secret", LargeBinary),
    Column("sub_url", Text),
    Column("sub_secret", LargeBinary),
    Column("device_url", Text),
    Column("device_secret", LargeBinary),
    Column("mode", Text, nullable=False),
    Column("record", Text, nullable=False),
    Column("record_audio", Boolean, nullable=False),
    Column("transport", Text, nullable=False),
    Column("allow_local", Boolean, nullable=False),
    Column("pre_roll_s", Float, nullable=False),
    Column("post_roll_s", Float, nullable=False),
    Column("gap_limit_s", Float, nullable=False),
    Column("motion", Text, nullable=False),
    Column("keep_days", Float, nullable=False, server_default="14"),
    Column("keep_event_days", Float, nullable=False, server_default="60"),
    Column("most_gb", Float, nullable=False, server_default="0"),
    Column("certificates", Text, nullable=False, server_default="[]"),
    Column("record_as", Text, nullable=False, server_default="sent"),
    Index("camera_by_site", "site"),
)

removed_camera = Table(
    "removed_camera",
    metadata,
    Column("id", Text, primary_key=True),
    Column("site", Text, nullable=False),
)

account = Table(
    "account",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False, unique=True),
    Column("password_hash", Text),
    Column("scope", Text, nullable=False),
    Column("sites", Text),
    Column("created", Integer, nullable=False),
)

session = Table(
    "session",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("account", Text, ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    Column("created", Integer, nullable=False),
    Column("last_used", Integer, nullable=False),
    Column("address", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Index("session_by_account", "account"),
)

token = Table(
    "token",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False, unique=True),
    Column("hash", LargeBinary, nullable=False, unique=True),
    Column("scope", Text, nullable=False),
    Column("sites", Text),
    Column("rtsp_secret", LargeBinary),
    Column("created", Integer, nullable=False),
)

seen = Table(
    "seen",
    metadata,
    Column("principal", Text, primary_key=True),
    Column("site", Text, primary_key=True),
    Column("start", Integer, nullable=False),
    Column("event", Text, nullable=False),
)

log_in_try = Table(
    "log_in_try",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    Index("log_in_try_by_last", "last"),
)

known_address = Table(
    "known_address",
    metadata,
    Column("account", Text, ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("address", Text, primary_key=True),
    Column("last", Integer, nullable=False),
)

link = Table(
    "link",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("account", Text, ForeignKey("account.id", ondelete="CASCADE")),
    Column("created", Integer, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("site", Text, primary_key=True),
    Column("event", Text, primary_key=True),
    Column("rule", Text, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("created", Integer, nullable=False),
    Column("next_try", Integer, nullable=False),
    Column("last_error", Text, nullable=False),
    Column("number", Integer, nullable=False, server_default="0"),
    Column("message", Text, nullable=False, server_default=""),
    Index("outbox_due", "state", "next_try"),
    Index("outbox_by_channel", "channel", "state", "number"),
    Index("outbox_by_number", "number"),
)
"""``number`` counts up, so that messages leave in the order in which they were put; ``message`` is JSON."""

channel = Table(
    "channel",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("site", Text, ForeignKey("site.id")),
    Column("kinds", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("allow_local", Boolean, nullable=False),
    Column("settings", LargeBinary, nullable=False),
    Column("created", Integer, nullable=False),
    Column("enabled", Boolean, nullable=False, server_default="1"),
    Column("hears_from", Integer, nullable=False, server_default="0"),
    Column("account", Text, ForeignKey("account.id", ondelete="CASCADE")),
    Column("wishes", Text, nullable=False, server_default="{}"),
)
"""``settings`` is the sealed JSON of the driver's settings, ``address`` what of them may be shown; ``wishes`` is JSON.

``account`` is the person whose device it is, NULL for channels of the house.
"""

snooze = Table(
    "snooze",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("camera", Text, primary_key=True),
    Column("since", Integer, nullable=False),
    Column("until", Integer, nullable=False),
)
"""Who is to be quiet; "" as channel or camera means every one."""

delivery = Table(
    "delivery",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("channel", Text, ForeignKey("channel.id", ondelete="CASCADE"), nullable=False),
    Column("message", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("at", Integer, nullable=False),
    Column("result", Text, nullable=False),
    Column("status", Integer),
    Column("duration_ms", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("code", Text, nullable=False, server_default=""),
    Column("details", Text, nullable=False, server_default="{}"),
    Index("delivery_by_channel", "channel", "id"),
)

outbox_mark = Table(
    "outbox_mark",
    metadata,
    Column("name", Text, primary_key=True),
    Column("at", Integer, nullable=False),
)

outage = Table(
    "outage",
    metadata,
    Column("camera", Text, primary_key=True),
    Column("site", Text, nullable=False),
    Column("since", Integer, nullable=False),
    Column("told", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("what", Text, nullable=False),
)
"""Cameras of which it was told that they are away; ``told`` is when that became true."""

setting = Table(
    "setting",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
"""Settings of the whole installation; ``value`` is JSON."""

plan = Table(
    "plan",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("interval", Text, nullable=False),
    Column("prices", Text, nullable=False),
    Column("hosted_days", Integer, nullable=False),
    Column("cameras", Integer, nullable=False),
    Column("channels", Integer, nullable=False),
    Column("created", Integer, nullable=False),
)

subscription = Table(
    "subscription",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("plan", Text, ForeignKey("plan.id"), nullable=False),
    Column("subscriber", Text, nullable=False),
    Column("residence", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("starts_on", Text, nullable=False),
    Column("created", Integer, nullable=False),
)

subscription_change = Table(
    "subscription_change",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("subscription", Text, ForeignKey("subscription.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("on_day", Text, nullable=False),
    Column("at", Integer, nullable=False),
)

ledger_entry = Table(
    "ledger_entry",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("subscription", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("minor", Integer, nullable=False),
    Column("currency", Text, nullable=False),
    Column("on_day", Text, nullable=False),
    Column("start", Text, nullable=False),
    Column("end", Text, nullable=False),
    Column("words_de", Text, nullable=False),
    Column("words_en", Text, nullable=False),
    Column("at", Integer, nullable=False),
    Index("ledger_entry_by_subscription", "subscription", "kind"),
)
"""Money of the operator's service: charges, payments, refunds, payouts. Rows are only added."""

sunset_notice = Table(
    "sunset_notice",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("version", Integer, nullable=False, unique=True),
    Column("body", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("key", LargeBinary, nullable=False),
    Column("at", Integer, nullable=False),
)

sunset_step = Table(
    "sunset_step",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("step", Text, nullable=False, unique=True),
    Column("on_day", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("at", Integer, nullable=False),
)

claim = Table(
    "claim",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("key_hash", LargeBinary),
    Column("body", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("until", Text),
    Column("source", Text, nullable=False),
    Column("contact", LargeBinary),
    Column("bank", LargeBinary),
    Column("at", Integer, nullable=False),
    Index("claim_by_stage", "stage", "number"),
)
"""``body`` is the claim as JSON; ``contact`` and ``bank`` are sealed. ``stage`` holds until the day ``until``."""

claim_fact = Table(
    "claim_fact",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("claim", Text, ForeignKey("claim.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("on_day", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("minor", Integer),
    Column("currency", Text),
    Column("note", Text, nullable=False),
    Column("at", Integer, nullable=False),
    Index("claim_fact_by_claim", "claim", "number"),
)

claim_serial = Table(
    "claim_serial",
    metadata,
    Column("serial", Text, primary_key=True),
    Column("claim", Text, ForeignKey("claim.id"), nullable=False),
)
"""Which claim has a device's serial number, in small letters; the first one has it."""

claim_file = Table(
    "claim_file",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("claim", Text, ForeignKey("claim.id"), nullable=False),
    Column("sha256", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Integer, nullable=False),
    Index("claim_file_by_claim", "claim", "number"),
)

rule = Table(
    "rule",
    metadata,
    Column("id", Text, primary_key=True),
    Column("site", Text, ForeignKey("site.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("definition", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("created", Integer, nullable=False),
    Column("hears_from", Integer, nullable=False),
)
"""``definition`` is JSON: triggers, conditions and actions."""

actuator = Table(
    "actuator",
    metadata,
    Column("id", Text, primary_key=True),
    Column("site", Text, ForeignKey("site.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("settings", LargeBinary, nullable=False),
    Column("created", Integer, nullable=False),
)
"""What rules drive; ``settings`` are sealed."""

rule_order = Table(
    "rule_order",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("rule", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("place", Integer, nullable=False),
    Column("lane", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("made", Integer, nullable=False),
    Column("next_try", Integer, nullable=False),
    Column("last_error", Text, nullable=False),
    UniqueConstraint("rule", "cause", "place"),
    Index("rule_order_by_state", "state", "lane", "number"),
)
"""What rules want done, made once; orders of one lane are done one after the other."""

rule_note = Table(
    "rule_note",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("rule", Text, nullable=False),
    Column("at", Integer, nullable=False),
    Column("cause", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("times", Integer, nullable=False),
    Index("rule_note_by_rule", "rule", "id"),
)

rule_held = Table(
    "rule_held",
    metadata,
    Column("actuator", Text, primary_key=True),
    Column("rule", Text, primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("body", Text, nullable=False),
)
"""What rules keep switched on; ``body`` is JSON."""

site_facts = Table(
    "site_facts",
    metadata,
    Column("site", Text, ForeignKey("site.id"), primary_key=True),
    Column("latitude", Float),
    Column("longitude", Float),
    Column("armed", Text, nullable=False),
    Column("armed_at", Integer, nullable=False),
)
"""Where a site lies, and how it is armed."""

sensor = Table(
    "sensor",
    metadata,
    Column("site", Text, ForeignKey("site.id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("at", Integer, nullable=False),
)
"""The last known state of each sensor."""

alarm_panel = Table(
    "alarm_panel",
    metadata,
    Column("site", Text, ForeignKey("site.id"), primary_key=True),
    Column("settings", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("salt", LargeBinary, nullable=False),
)
"""The alarm panel of a site; ``settings`` and ``state`` are JSON, ``salt`` is that of all codes of the site."""

alarm_code = Table(
    "alarm_code",
    metadata,
    Column("id", Text, primary_key=True),
    Column("site", Text, ForeignKey("site.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("duress", Boolean, nullable=False),
    Column("created", Integer, nullable=False),
    Index("alarm_code_by_site", "site"),
)

alarm_note = Table(
    "alarm_note",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("site", Text, nullable=False),
    Column("at", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Index("alarm_note_by_site", "site", "id"),
)

presence = Table(
    "presence",
    metadata,
    Column("site", Text, ForeignKey("site.id"), primary_key=True),
    Column("person", Text, primary_key=True),
    Column("home", Boolean, nullable=False),
    Column("at", Integer, nullable=False),
)
"""Who is at home, as was last heard of each person."""
