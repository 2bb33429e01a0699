"""A push service and a browser on loopback: takes what is sent to a subscription, checks who sends, and decrypts it."""

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import http_ece  # type: ignore[import-untyped]
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02  # type: ignore[import-untyped]
from webhook_receiver import Got, Receiver

from wachtel.notifiers.webpush.encrypting import encoded, new_key, public_key

AUTH = bytes(range(16))


@dataclass
class PushService(Receiver):
    """``shown`` are the notifications of the device, by their tag; ``gone``: the device took it back."""

    key: str = field(default_factory=new_key)
    gone: bool = False
    up: bool = True
    shown: dict[str, dict[str, Any]] = field(default_factory=dict)
    arrivals: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.answer = self._take

    @cached_property
    def device(self) -> ec.EllipticCurvePrivateKey:
        return ec.generate_private_key(ec.SECP256R1())

    @property
    def endpoint(self) -> str:
        return f"{'https' if self.certificate else 'http'}://127.0.0.1:{self.port}/send/endpoint-canary"

    @property
    def fields(self) -> dict[str, str]:
        """What a browser gives, and our key."""
        point = self.device.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"p256dh": encoded(point), "auth": encoded(AUTH), "key": self.key}

    @property
    def address(self) -> str:
        return f"{self.endpoint}#" + "&".join(f"{name}={value}" for name, value in self.fields.items())

    def _take(self, got: Got) -> int:
        if self.gone:
            return 410
        if not self.up:
            return 503
        if not self._knows(got.headers["authorization"]):
            return 403
        plain = http_ece.decrypt(got.body, private_key=self.device, auth_secret=AUTH)
        shown = json.loads(plain)
        assert got.headers["topic"] == shown["tag"] and len(got.body) <= 4096
        assert got.headers["content-encoding"] == "aes128gcm" and int(got.headers["ttl"]) > 0
        self.arrivals.append(shown["tag"])
        self.shown[shown["tag"]] = shown
        return 201

    def _knows(self, authorization: str) -> bool:
        """Signed with the key the browser subscribed with, for this service."""
        mine = authorization.endswith(f"k={public_key(self.key)}")
        return mine and bool(Vapid02.verify(authorization))
