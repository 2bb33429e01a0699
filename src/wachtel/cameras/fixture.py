"""What a camera is and offers, without anything that points to its owner: fit to be sent to strangers.

A fixture holds no address, no user, no password, no serial number and no name; what is kept is cleaned of everything
that looks like one.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.device import StreamOffer
from wachtel.model.probe import ProbeReport
from wachtel.protocols.camera_url import CameraUrl, is_device_url, parse_camera_url, parse_device_url

VERSION = 1
LARGEST_BYTES = 64 << 10
_GONE = "***"
_LONGEST_TEXT = 80
_LONGEST_PATH = 200
_ADDRESS = re.compile(
    r"\b[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}\b"  # a MAC address
    r"|\b\d{1,3}(?:\.\d{1,3}){3}\b",  # an IPv4 address
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?=(?:[a-z]*\d){4})[0-9a-z]{10,}", re.IGNORECASE)
"""A serial number or a token; models are long, too, but seldom stand in a path."""
_SECRET_VALUE = re.compile(
    r"((?:user(?:name)?|usr|pass(?:word|wd)?|pwd|token|auth|key|id|loginuse|loginpas)=)[^&/_]*", re.IGNORECASE
)


class FixtureStream(msgspec.Struct, frozen=True, kw_only=True):
    """One stream: ``role`` is main or sub. Figures of 0 are unknown."""

    role: str
    scheme: str
    path: str
    codec: str = ""
    width: int = 0
    height: int = 0
    fps: float | None = None
    key_frames_s: float | None = None


class Fixture(msgspec.Struct, frozen=True, kw_only=True):
    """``source`` is ``owner`` (a real camera) or ``virtual``; ``findings`` are codes of sentences."""

    wachtel_fixture: int
    source: str
    kind: str
    works: bool
    make: str = ""
    model: str = ""
    firmware: str = ""
    streams: tuple[FixtureStream, ...] = ()
    audio: str = ""
    abilities: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Cleaner:
    """Takes away what belongs to the owner; ``secrets`` are the address and the log-in."""

    secrets: tuple[str, ...]

    def text(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, _GONE)
        text = "".join(char for char in text if char.isprintable())
        return _ADDRESS.sub(_GONE, text)[:_LONGEST_TEXT]

    def path(self, path: str) -> str:
        for secret in self.secrets:
            path = path.replace(secret, _GONE)
        path = _SECRET_VALUE.sub(rf"\1{_GONE}", path)
        return _NUMBER.sub(_GONE, _ADDRESS.sub(_GONE, path))[:_LONGEST_PATH]


def fixture_of(url: str, report: ProbeReport, source: str = "owner") -> Fixture:
    """The fixture of a camera that was tried. Raises `WachtelError` (forbidden_url) for a URL that is none."""
    asked = parse_device_url(url) if is_device_url(url) else parse_camera_url(url)
    device = report.device
    secrets = [asked.host, asked.user, asked.password, device and device.serial, device and device.name]
    clean = _Cleaner(tuple(sorted({one for one in secrets if one}, key=len, reverse=True)))
    return Fixture(
        wachtel_fixture=VERSION,
        source=source,
        kind=device.kind if device else ("rtsp" if asked.scheme.startswith("rtsp") else "mjpeg"),
        works=report.ok,
        make=clean.text(device.make) if device else "",
        model=clean.text(device.model) if device else "",
        firmware=_firmware(device.firmware, clean) if device else "",
        streams=tuple(_streams(asked, report, clean)),
        audio=report.audio or "",
        abilities=tuple(ability.value for ability in device.abilities) if device else (),
        findings=tuple(dict.fromkeys(one.code for one in report.findings if one.code)),
    )


def _firmware(text: str, clean: _Cleaner) -> str:
    """Versions are long numbers, too, so only the owner's own words are taken out."""
    for secret in clean.secrets:
        text = text.replace(secret, _GONE)
    return "".join(char for char in text if char.isprintable())[:_LONGEST_TEXT]


def _streams(asked: CameraUrl, report: ProbeReport, clean: _Cleaner) -> Iterable[FixtureStream]:
    """As the device offers them; of the main one what was really seen."""
    if report.device is None:
        if report.codec:
            yield _stream("main", StreamOffer("", asked.public()), report, clean)
        return
    for role, offer in (("main", report.device.main), ("sub", report.device.sub)):
        if offer is not None:
            yield _stream(role, offer, report if role == "main" else None, clean)


def _stream(role: str, offer: StreamOffer, seen: ProbeReport | None, clean: _Cleaner) -> FixtureStream:
    url = parse_camera_url(offer.url)
    return FixtureStream(
        role=role,
        scheme=url.scheme,
        path=clean.path(url.path),
        codec=(seen and seen.codec) or clean.text(offer.codec),
        width=(seen and seen.width) or offer.width,
        height=(seen and seen.height) or offer.height,
        fps=round(offer.fps, 1) if offer.fps else None,
        key_frames_s=round(offer.key_frames_s, 1) if offer.key_frames_s else None,
    )


def write_fixture(fixture: Fixture) -> bytes:
    """JSON for people, with a line end."""
    return msgspec.json.format(msgspec.json.encode(fixture), indent=2) + b"\n"


def read_fixture(data: bytes) -> Fixture:
    """Raises `WachtelError` (invalid) for what is no fixture of a version we know."""
    try:
        found = msgspec.json.decode(data[:LARGEST_BYTES], type=Fixture)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise WachtelError(ErrorKind.INVALID, "This is no fixture of a camera.") from error
    if found.wachtel_fixture != VERSION:
        raise WachtelError(ErrorKind.INVALID, "This fixture is of a version that is not known here.")
    return found
