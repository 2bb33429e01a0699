"""An ntfy server on loopback as far as publishing goes: topics, log-in, sequence ids, attachments."""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from email.header import decode_header, make_header

from webhook_receiver import Got, Receiver


@dataclass(frozen=True)
class Notification:
    """What a phone would show."""

    topic: str
    sequence: str
    title: str
    text: str
    priority: int
    tags: str
    click: str
    actions: list[dict[str, object]]
    attachment: bytes | None


@dataclass
class NtfyServer(Receiver):
    """``shown`` are the notifications on the phone: one with a known sequence id takes the place of the older."""

    token: str = ""
    user: str = ""
    password: str = ""
    largest_attachment: int = 15_000_000
    up: bool = True
    shown: dict[str, Notification] = field(default_factory=dict)
    arrivals: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.answer = self._take

    @property
    def topic_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/my-topic"

    def _take(self, got: Got) -> int:
        if not self.up:
            return 503
        if not self._may(got.headers.get("authorization", "")):
            return 403
        is_file = "filename" in got.headers
        if is_file and len(got.body) > self.largest_attachment:
            return 413 if self.largest_attachment else 400
        text = _plain(got.headers["message"]).replace("\\n", "\n") if is_file else got.body.decode()
        sequence = got.headers["sequence-id"]
        self.arrivals.append(sequence)
        self.shown[sequence] = Notification(
            got.path.strip("/"),
            sequence,
            _plain(got.headers["title"]),
            text,
            int(got.headers["priority"]),
            got.headers["tags"],
            got.headers.get("click", ""),
            json.loads(got.headers.get("actions", "[]")),
            got.body if is_file else None,
        )
        return 200

    def _may(self, authorization: str) -> bool:
        if self.token:
            return authorization == f"Bearer {self.token}"
        if self.user:
            pair = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
            return authorization == f"Basic {pair}"
        return True


def sequence_of(message: str) -> str:
    """The sequence id a message has, worked out independently."""
    return hashlib.sha256(message.encode()).hexdigest()[:32]


def _plain(header: str) -> str:
    return str(make_header(decode_header(header)))
