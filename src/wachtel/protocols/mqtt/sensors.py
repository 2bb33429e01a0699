"""What sensors say at a broker: Zigbee2MQTT's objects, and plain words. All of it comes from strangers.

Zigbee2MQTT publishes one JSON object for each device (zigbee2mqtt.io, "MQTT topics and messages"); the names of its
fields are those of its list of "exposes".
"""

import json
from collections.abc import Mapping

LARGEST_PAYLOAD_BYTES = 16_384
DEEPEST = 8
MOST_FIELDS = 64
LONGEST_STATE = 100
LONGEST_FIELD = 60

FIELDS: Mapping[str, tuple[str, str]] = {
    "contact": ("closed", "open"),
    "occupancy": ("on", "off"),
    "presence": ("on", "off"),
    "smoke": ("on", "off"),
    "gas": ("on", "off"),
    "carbon_monoxide": ("on", "off"),
    "water_leak": ("on", "off"),
    "vibration": ("on", "off"),
    "tamper": ("on", "off"),
    "alarm": ("on", "off"),
    "moving": ("on", "off"),
    "rain": ("on", "off"),
    "sos": ("on", "off"),
    "state": ("on", "off"),
}
"""Fields that can be a sensor, with what true and false mean. A contact is true when it touches."""

_WORDS: Mapping[str, str] = {
    "on": "on", "off": "off", "true": "on", "false": "off", "1": "on", "0": "off", "yes": "on", "no": "off",
    "open": "open", "opened": "open", "close": "closed", "closed": "closed",
    "detected": "on", "clear": "off", "motion": "on", "no_motion": "off", "lock": "locked", "unlock": "unlocked",
}  # fmt: skip
"""Spellings of the same, folded."""


def readings(payload: bytes) -> dict[str, str]:
    """The fields that could be a sensor, with their states; "" is the whole payload, where that is a word."""
    content = _content(payload)
    if not isinstance(content, dict):
        word = _plain(content)
        return {} if word is None else {"": word}
    known = [name for name in FIELDS if name in content]
    found = {name: _state(name, content[name]) for name in known}
    return {name: state for name, state in found.items() if state is not None}


def state_of(payload: bytes, field: str) -> str | None:
    """The state of one sensor; None when this payload does not tell it."""
    content = _content(payload)
    if not field:
        return _plain(content)
    return _state(field, content.get(field)) if isinstance(content, dict) else None


def _state(field: str, value: object) -> str | None:
    if isinstance(value, bool):
        true, false = FIELDS.get(field, ("on", "off"))
        return true if value else false
    return _plain(value)


def _plain(value: object) -> str | None:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, int | float) and abs(value) < 1e15:
        return _WORDS.get(str(value), str(value))
    if not isinstance(value, str):
        return None
    word = value.strip()
    if not 1 <= len(word) <= LONGEST_STATE or not word.isprintable():
        return None
    return _WORDS.get(word.lower(), word)


def _content(payload: bytes) -> object:
    """The JSON in it, or its text; None for what is too large, too deep, or neither."""
    if len(payload) > LARGEST_PAYLOAD_BYTES:
        return None
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        return None
    if text.lstrip()[:1] not in ("{", "["):
        return _unquoted(text)
    if _depth(text) > DEEPEST:
        return None
    try:
        content = json.loads(text, parse_constant=lambda _: None)
    except ValueError:
        return None
    return content if isinstance(content, dict) and len(content) <= MOST_FIELDS else None


def _unquoted(text: str) -> str:
    word = text.strip()
    return word[1:-1] if len(word) >= 2 and word[0] == word[-1] == '"' else word


def _depth(text: str) -> int:
    """How deep brackets lie, those inside of strings among them: a limit, not a measure."""
    deepest = depth = 0
    for char in text:
        if char in "{[":
            depth += 1
            deepest = max(deepest, depth)
        elif char in "}]":
            depth -= 1
    return deepest
