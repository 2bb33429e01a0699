"""The headers of RTSP that carry more than a word: Transport, Session and RTP-Info (RFC 2326 section 12)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

DEFAULT_SESSION_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class TransportHeader:
    """How one track travels (RFC 2326 section 12.39). Port and channel pairs are for RTP and RTCP."""

    protocol: str
    unicast: bool = True
    interleaved: tuple[int, int] | None = None
    client_port: tuple[int, int] | None = None
    server_port: tuple[int, int] | None = None
    ssrc: int | None = None
    source: str | None = None
    destination: str | None = None

    @property
    def over_tcp(self) -> bool:
        """True when packets travel inside the RTSP connection."""
        return self.protocol.upper().endswith("/TCP") or self.interleaved is not None

    @classmethod
    def parse(cls, text: str) -> "tuple[TransportHeader, ...]":
        """The alternatives of a Transport header, in order of preference; what cannot be read in one is left
        out."""
        return tuple(cls._parse_one(part) for part in text.split(",") if part.strip())

    @classmethod
    def _parse_one(cls, text: str) -> "TransportHeader":
        protocol, *rest = (part.strip() for part in text.split(";"))
        named = {
            key.strip().lower(): value.strip().strip('"')
            for key, _, value in (part.partition("=") for part in rest)
        }
        return cls(
            protocol=protocol,
            unicast="multicast" not in named,
            interleaved=_pair(named.get("interleaved"), 255),
            client_port=_pair(named.get("client_port"), 65535),
            server_port=_pair(named.get("server_port"), 65535),
            ssrc=_hexadecimal(named.get("ssrc")),
            source=named.get("source"),
            destination=named.get("destination"),
        )

    def encode(self) -> str:
        """The header's value."""
        parts = [self.protocol, "unicast" if self.unicast else "multicast"]
        for name, pair in (
            ("interleaved", self.interleaved),
            ("client_port", self.client_port),
            ("server_port", self.server_port),
        ):
            if pair is not None:
                parts.append(f"{name}={pair[0]}-{pair[1]}")
        if self.source is not None:
            parts.append(f"source={self.source}")
        if self.ssrc is not None:
            parts.append(f"ssrc={self.ssrc:08X}")
        return ";".join(parts)


def _pair(text: str | None, largest: int) -> tuple[int, int] | None:
    match = re.fullmatch(r"([0-9]{1,5})(?:-([0-9]{1,5}))?", text or "")
    if match is None:
        return None
    first = int(match[1])
    second = int(match[2]) if match[2] else first + 1
    return (first, second) if max(first, second) <= largest else None


def _hexadecimal(text: str | None) -> int | None:
    return int(text, 16) if text and re.fullmatch(r"[0-9A-Fa-f]{1,8}", text) else None


@dataclass(frozen=True, slots=True)
class SessionHeader:
    """A session's name and after how many silent seconds the server forgets it (RFC 2326 section 12.37)."""

    id: str
    timeout_s: float = DEFAULT_SESSION_TIMEOUT_S

    @classmethod
    def parse(cls, text: str) -> "SessionHeader":
        """Reads ``id`` or ``id;timeout=60``."""
        name, *rest = (part.strip() for part in text.split(";"))
        timeout = DEFAULT_SESSION_TIMEOUT_S
        for part in rest:
            if match := re.fullmatch(r"timeout\s*=\s*([0-9]{1,6})", part, re.IGNORECASE):
                timeout = float(match[1])
        return cls(name, timeout)

    def encode(self) -> str:
        """The header's value."""
        return f"{self.id};timeout={self.timeout_s:.0f}"


@dataclass(frozen=True, slots=True)
class RtpInfo:
    """Where a track begins after PLAY (RFC 2326 section 12.33); either number may be missing."""

    url: str
    seq: int | None = None
    rtptime: int | None = None


def parse_rtp_info(text: str) -> tuple[RtpInfo, ...]:
    """The entries of an RTP-Info header; a comma inside a URL does not cut it."""
    return tuple(
        _rtp_info(part) for part in re.split(r",\s*(?=url\s*=)", text, flags=re.IGNORECASE) if part.strip()
    )


def _rtp_info(text: str) -> RtpInfo:
    match = re.match(
        r"\s*url\s*=\s*(.*?)\s*(?=;\s*(?:seq|rtptime|ssrc)\s*=|$)", text, re.IGNORECASE | re.DOTALL
    )
    numbers = {
        key.lower(): int(value)
        for key, value in re.findall(r";\s*(seq|rtptime)\s*=\s*([0-9]{1,10})\b", text, re.IGNORECASE)
    }
    return RtpInfo(match[1] if match else "", numbers.get("seq"), numbers.get("rtptime"))


def encode_rtp_info(entries: Iterable[RtpInfo]) -> str:
    """The value of an RTP-Info header."""
    return ",".join(
        f"url={entry.url}"
        + ("" if entry.seq is None else f";seq={entry.seq}")
        + ("" if entry.rtptime is None else f";rtptime={entry.rtptime}")
        for entry in entries
    )
