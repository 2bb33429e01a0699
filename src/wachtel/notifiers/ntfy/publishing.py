"""What ntfy is told: headers as its documentation on publishing has them (docs.ntfy.sh/publish), the picture as body.

Headers are ASCII; other text travels as encoded words (RFC 2047), which ntfy reads.
"""

import hashlib
import json
from collections.abc import Mapping
from email.header import Header

from wachtel import __version__
from wachtel.model.message import MessageKind
from wachtel.notifiers.api import Letter

TAGS: Mapping[MessageKind, str] = {
    MessageKind.EVENT_BEGAN: "eyes",
    MessageKind.EVENT_ENDED: "zzz",
    MessageKind.CAMERA_OFFLINE: "warning",
    MessageKind.CAMERA_BACK: "white_check_mark",
    MessageKind.NOT_RECORDING: "rotating_light",
    MessageKind.ALARM: "rotating_light",
    MessageKind.ALARM_WARNING: "warning",
    MessageKind.DURESS: "sos",
    MessageKind.CHANNEL_FAILING: "mailbox_with_no_mail",
    MessageKind.BUNDLE: "card_index_dividers",
    MessageKind.RULE: "bell",
    MessageKind.TEST: "bird",
}
"""Short codes that ntfy shows as pictures before the title."""

_ACTIONS = {"de": ("Ansehen", "1 Stunde Ruhe"), "en": ("Show", "Quiet for an hour")}


def sequence_id(message: str) -> str:
    """What the same message has in every try: a server since 2.16 lets the second take the place of the first."""
    return hashlib.sha256(message.encode()).hexdigest()[:32]


def headers_of(letter: Letter) -> dict[str, str]:
    """Everything but text and picture."""
    headers = {
        "User-Agent": f"Wachtel/{__version__}",
        "Title": encoded(letter.title),
        "Priority": str(int(letter.priority)),
        "Tags": TAGS.get(letter.message.kind, "bell"),
        "Sequence-ID": sequence_id(letter.message.id),
    }
    if letter.link:
        headers["Click"] = letter.link
    actions = _actions(letter)
    if actions:
        headers["Actions"] = json.dumps(actions, separators=(",", ":"))
    return headers


def with_text(letter: Letter) -> tuple[dict[str, str], bytes]:
    """Headers and body of a message without a picture."""
    return headers_of(letter) | {"Content-Type": "text/plain; charset=utf-8"}, letter.text.encode()


def with_picture(letter: Letter, jpeg: bytes) -> tuple[dict[str, str], bytes]:
    """Headers and body of one with: the body is the picture, the text a header."""
    extra = {
        "Content-Type": "image/jpeg",
        "Filename": "wachtel.jpg",
        "Message": encoded(letter.text.replace("\n", "\\n")),
    }
    return headers_of(letter) | extra, jpeg


def encoded(text: str) -> str:
    """Text for a header: control characters become spaces, and what is not ASCII encoded words."""
    line = "".join(char if char.isprintable() else " " for char in text).strip()
    return line if line.isascii() else Header(line, "utf-8").encode(linesep="")


def _actions(letter: Letter) -> list[dict[str, object]]:
    show, quiet = _ACTIONS.get(letter.language, _ACTIONS["en"])
    actions: list[dict[str, object]] = []
    if letter.link:
        actions.append({"action": "view", "label": show, "url": letter.link})
    if letter.quiet_link:
        actions.append(
            {"action": "http", "label": quiet, "url": letter.quiet_link, "method": "POST", "clear": True}
        )
    return actions
