"""The texts a NetCam in setup mode gives and takes, as values.

Paths and field names are those of public reports. The list of networks was published in no form, so two are read:
lines of ``key:value`` as its other answers have them, and the table that drivers of this family of radios print.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from urllib.parse import urlencode

_LINES = re.compile(r"\r\n|\r|\n")
_MOST_NETWORKS = 100
_LONGEST_SSID = 32
_MOST_TEXT = 64 << 10
_MAC = re.compile(r"[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}")
_BEFORE_MAC = re.compile(r"(\d{1,3})\s+(\S.*)")
_BEHIND_MAC = re.compile(r"\s+(\S+)\s+(\d{1,3})\b")
_BLOCK = re.compile(r"(?im)(?:^|(?<=\r))[ \t]*ssid[ \t]*:")
_SIGNS = re.compile(r"[^\W_]+")
_GOOD = frozenset({"ok", "success", "succeeded", "connected", "true", "pass", "1"})
_BAD = frozenset({"fail", "failed", "failure", "error", "wrong", "false", "invalid", "timeout", "0"})


@dataclass(frozen=True, slots=True)
class Network:
    """A Wi-Fi the camera sees. ``signal`` is 0..100; ``security`` as the camera writes it, such as ``WPA2PSK/AES``."""

    ssid: str
    bssid: str = ""
    channel: int = 0
    security: str = ""
    signal: int = 0

    @property
    def is_open(self) -> bool:
        return self.security.upper().partition("/")[0] in ("", "NONE", "OPEN")


class Verdict(StrEnum):
    """What came of joining a network."""

    JOINED = "joined"
    REFUSED = "refused"
    UNKNOWN = "unknown"


def read_values(text: str) -> dict[str, str]:
    """Lines of ``key:value``, divided by carriage returns; the first of a name counts."""
    values: dict[str, str] = {}
    for line in _LINES.split(text):
        key, colon, value = line.partition(":")
        if colon and key.strip():
            values.setdefault(key.strip(), value.strip())
    return values


def read_networks(text: str) -> list[Network]:
    """The networks in a list, the strongest first, each name once."""
    text = text[:_MOST_TEXT]
    found = [row for row in map(_row, _LINES.split(text)) if row] or _blocks(text)
    best: dict[str, Network] = {}
    for one in sorted(found[:_MOST_NETWORKS], key=lambda network: -network.signal):
        best.setdefault(one.ssid, one)
    return list(best.values())


def _row(line: str) -> Network | None:
    """A line of the table. A name may look like a hardware address; the right one has security and signal behind it."""
    for mac in _MAC.finditer(line):
        before, behind = (
            _BEFORE_MAC.fullmatch(line[: mac.start()].rstrip()),
            _BEHIND_MAC.match(line, mac.end()),
        )
        if before and behind and _shown(before[2]):
            signal = min(100, int(behind[2]))
            return Network(_shown(before[2]), mac[0], int(before[1]), behind[1], signal)
    return None


def _blocks(text: str) -> list[Network]:
    """Blocks that begin with a line ``ssid:``."""
    starts = [match.start() for match in _BLOCK.finditer(text)]
    parts = [text[start:end] for start, end in pairwise([*starts, len(text)])]
    blocks = ({key.lower(): value for key, value in read_values(part).items()} for part in parts)
    return [_network(block) for block in blocks if _shown(block.get("ssid", ""))]


def _network(block: dict[str, str]) -> Network:
    return Network(
        _shown(block["ssid"]),
        block.get("bssid", "")[:17],
        _number(block.get("channel", ""), 255),
        _shown(block.get("security", "")),
        _number(block.get("signal", ""), 100),
    )


def _shown(text: str) -> str:
    return "".join(char for char in text if char.isprintable())[:_LONGEST_SSID]


def _number(text: str, most: int) -> int:
    return min(most, int(text)) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def join_form(network: Network, passphrase: str) -> bytes:
    """What chooses a network: a form with the passphrase in the clear, as the camera wants it."""
    mode, _, encryption = network.security.upper().partition("/")
    fields = {
        "apcli_ssid": network.ssid,
        "apcli_bssid": network.bssid,
        "apcli_channel": str(network.channel),
        "apcli_mode": "OPEN" if network.is_open else _mode(mode),
        "apcli_enc": "NONE" if network.is_open else (encryption or "AES").replace("TKIPAES", "AES"),
    }
    if not network.is_open:
        fields["apcli_wpapsk"] = passphrase
    return urlencode(fields).encode()


def _mode(security: str) -> str:
    """Of networks that take both, the better one."""
    return "WPA2PSK" if "WPA2" in security else security


def read_verdict(text: str) -> Verdict:
    """What the answer to ``verifyApcliMode`` means, as far as words tell."""
    words = {word.lower() for word in _SIGNS.findall(text[:1000])}
    if words & _BAD:
        return Verdict.REFUSED
    return Verdict.JOINED if words & _GOOD else Verdict.UNKNOWN
