"""What a webhook sends: JSON, and the headers that prove where it comes from.

The signature is HMAC-SHA-256 (RFC 2104) with the channel's secret over the timestamp, a dot and the body:
``Wachtel-Signature: v1=hex(hmac(secret, timestamp + "." + body))``. A receiver that refuses old timestamps cannot be
fooled with a recorded message; one that remembers ``Idempotency-Key`` for a week sees every message once.
"""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from wachtel import __version__
from wachtel.base.units import US_PER_S, WallUs
from wachtel.model.event import Why
from wachtel.model.message import Message, Named, Tally

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def body_of(message: Message) -> bytes:
    """The message as JSON; the same message gives the same bytes. Times are ISO 8601 in UTC."""
    why = message.why
    content: dict[str, Any] = {
        "id": message.id,
        "kind": message.kind.value,
        "at": _moment(message.at),
        "site": _named(message.site) if message.site else None,
        "cameras": [_named(camera) for camera in message.cameras],
        "event": message.event or None,
        "start": _moment(message.start),
        "end": _moment(message.end),
        "score": message.score,
        "zones": list(message.zones),
        "why": None if why is None else _why_of(why),
        "reason": message.reason,
        "what": message.what,
        "link": message.link or None,
        "snapshot": message.snapshot or None,
        "count": message.count,
        "tally": [_tally(one) for one in message.tally],
    }
    return msgspec.json.encode(content)


def _tally(one: Tally) -> dict[str, Any]:
    camera = _named(one.camera) if one.camera else None
    return {"kind": one.kind.value, "camera": camera, "count": one.count, "first": _moment(one.first)}


def _why_of(why: Why) -> dict[str, Any]:
    numbers = {"travel": why.travel, "within_s": why.within_s, "area": why.area}
    return numbers | {"line": why.line or None, "direction": why.direction or None}


def headers_of(message: Message, body: bytes, secret: str, now: WallUs) -> dict[str, str]:
    """The headers of one try; only timestamp and signature differ from try to try."""
    timestamp = str(now // US_PER_S)
    return {
        "Content-Type": "application/json",
        "User-Agent": f"Wachtel/{__version__}",
        "Idempotency-Key": message.id,
        "Wachtel-Timestamp": timestamp,
        "Wachtel-Signature": f"v1={signature(secret, timestamp, body)}",
    }


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """In hexadecimal."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _named(thing: Named) -> dict[str, str]:
    return {"id": thing.id, "name": thing.name}


def _moment(at: WallUs | None) -> str | None:
    if at is None:
        return None
    return (_EPOCH + timedelta(microseconds=at)).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
