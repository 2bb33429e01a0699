"""Session descriptions: what tracks a camera offers and how they travel (RFC 8866, RFC 6184, RFC 7798, RFC
3640).

Tolerant where cameras are sloppy: unknown lines, other orders and odd blanks do no harm; a parameter set that
is no base64 is left out.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.stream import AudioFormat, Codec

LARGEST_SDP_BYTES = 256 << 10
MOST_MEDIA = 32
_STATIC_PAYLOADS = {0: ("PCMU", 8000, 1), 8: ("PCMA", 8000, 1), 14: ("MPA", 90000, 1), 26: ("JPEG", 90000, 1)}
"""RFC 3551 section 6, as far as cameras use them."""
_CODECS = {
    "H264": Codec.H264,
    "H265": Codec.H265,
    "HEVC": Codec.H265,
    "JPEG": Codec.MJPEG,
    "MPEG4-GENERIC": Codec.AAC,
    "OPUS": Codec.OPUS,
    "PCMA": Codec.PCMA,
    "PCMU": Codec.PCMU,
}
_NO_PARAMETERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Media:
    """One track on offer.

    ``kind`` is ``video``, ``audio`` or ``application``; ``encoding`` the name in upper case as in rtpmap;
    ``control`` the URL to name in SETUP; ``parameters`` those of the fmtp line, names in lower case;
    ``frame_rate`` frames a second.
    """

    kind: str
    payload_type: int
    encoding: str
    clock_rate: int
    control: str
    channels: int = 1
    parameters: Mapping[str, str] = field(default_factory=lambda: _NO_PARAMETERS)
    frame_rate: float | None = None

    @property
    def codec(self) -> Codec | None:
        """The codec by our name, None when we have none for it."""
        return _CODECS.get(self.encoding)

    def parameter_sets(self) -> tuple[bytes, ...]:
        """SPS, PPS of H.264 or VPS, SPS, PPS of H.265 as far as the description carries them (without start
        codes)."""
        if self.codec is Codec.H264:
            return _decode_all(self.parameters.get("sprop-parameter-sets", ""))
        if self.codec is Codec.H265:
            names = ("sprop-vps", "sprop-sps", "sprop-pps")
            return tuple(one for name in names for one in _decode_all(self.parameters.get(name, "")))
        return ()

    def audio_format(self) -> AudioFormat | None:
        """What a decoder must know, None for what is no sound or not known to us."""
        if self.codec not in (Codec.AAC, Codec.OPUS, Codec.PCMA, Codec.PCMU):
            return None
        config = _decode_hex(self.parameters.get("config", "")) if self.codec is Codec.AAC else b""
        rate, channels = _aac_shape(config) or (self.clock_rate, self.channels)
        return AudioFormat(self.codec, rate, channels, config)


@dataclass(frozen=True, slots=True)
class SessionDescription:
    """All tracks, and the URL that names them together in PLAY."""

    media: tuple[Media, ...]
    control: str
    name: str = ""

    def first(self, kind: str) -> Media | None:
        """The first track of a kind."""
        return next((media for media in self.media if media.kind == kind), None)


def parse_sdp(data: bytes, base_url: str = "") -> SessionDescription:
    """Reads a description; ``base_url`` is Content-Base, Content-Location or the URL asked for (RFC 2326
    section C.1.1).

    Raises `WachtelError` (bad_data) when it is none, or too large.
    """
    if len(data) > LARGEST_SDP_BYTES:
        raise WachtelError(ErrorKind.BAD_DATA, "The camera's stream description is larger than 256 KiB.")
    lines = [line.strip() for line in data.decode("utf-8", "replace").splitlines()]
    head, sections = _sections([line for line in lines if len(line) > 1 and line[1] == "="])
    if not head and not sections:
        raise WachtelError(ErrorKind.BAD_DATA, "The camera's stream description is empty or no SDP.")
    if len(sections) > MOST_MEDIA:
        raise WachtelError(ErrorKind.BAD_DATA, f"The camera's stream description has {len(sections)} tracks.")
    base = resolve_control(base_url, _attributes(head).get("control", "*"))
    found = (_media(section, base_url or base) for section in sections)
    name = next((line[2:].strip() for line in head if line.startswith("s=")), "")
    return SessionDescription(tuple(one for one in found if one is not None), base, name)


def resolve_control(base: str, control: str) -> str:
    """The URL of a track: ``control`` may be ``*``, absolute, absolute without host, or relative to
    ``base``."""
    if control in ("", "*"):
        return base
    if re.match(r"[a-z][a-z0-9+.-]*://", control, re.IGNORECASE) or not base:
        return control
    if control.startswith("/"):
        return "/".join(base.split("/", 3)[:3]) + control
    return base + ("" if base.endswith("/") else "/") + control


def _sections(lines: Iterable[str]) -> tuple[list[str], list[list[str]]]:
    head: list[str] = []
    sections: list[list[str]] = []
    for line in lines:
        if line.startswith("m="):
            sections.append([line])
        elif sections:
            sections[-1].append(line)
        else:
            head.append(line)
    return head, sections


def _attributes(lines: Iterable[str]) -> dict[str, str]:
    """The a= lines by name; the first of a name counts."""
    found: dict[str, str] = {}
    for line in lines:
        if line.startswith("a="):
            name, _, value = line[2:].partition(":")
            found.setdefault(name.strip().lower(), value.strip())
    return found


def _media(section: list[str], base: str) -> Media | None:
    match = re.match(r"m=\s*(\S+)\s+\S+\s+(\S+)\s+(\d{1,3})\b", section[0])
    if match is None or int(match[3]) > 127:
        return None
    payload_type = int(match[3])
    attributes = _attributes(section)
    encoding, clock_rate, channels = _rtpmap(section, payload_type)
    return Media(
        kind=match[1].lower(),
        payload_type=payload_type,
        encoding=encoding,
        clock_rate=clock_rate,
        control=resolve_control(base, attributes.get("control", "")),
        channels=channels,
        parameters=_fmtp(section, payload_type),
        frame_rate=_positive(attributes.get("framerate") or attributes.get("x-framerate")),
    )


def _rtpmap(section: Iterable[str], payload_type: int) -> tuple[str, int, int]:
    for line in section:
        match = re.match(
            r"a=rtpmap:\s*(\d{1,3})\s+([^/\s]+)\s*/\s*(\d{1,7})(?:\s*/\s*(\d{1,2}))?", line, re.IGNORECASE
        )
        if match and int(match[1]) == payload_type and int(match[3]) > 0:
            return match[2].upper(), int(match[3]), max(1, int(match[4] or 1))
    return _STATIC_PAYLOADS.get(payload_type, ("", 90000, 1))


def _fmtp(section: Iterable[str], payload_type: int) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for line in section:
        match = re.match(r"a=fmtp:\s*(\d{1,3})\s+(.*)", line, re.IGNORECASE)
        if match and int(match[1]) == payload_type:
            pairs = (part.partition("=") for part in match[2].split(";"))
            found |= {name.strip().lower(): value.strip() for name, equals, value in pairs if equals}
    return MappingProxyType(found)


def _positive(text: str | None) -> float | None:
    match = re.match(r"\s*(\d{1,4}(?:\.\d{1,9})?)", text or "")
    return float(match[1]) or None if match else None


def _decode_all(text: str) -> tuple[bytes, ...]:
    """A comma-separated list of base64, without the pieces that are none."""
    decoded = (_decode_base64(part.strip()) for part in text.split(","))
    return tuple(data for data in decoded if data)


def _decode_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _decode_hex(text: str) -> bytes:
    return bytes.fromhex(text) if re.fullmatch(r"(?:[0-9A-Fa-f]{2}){1,64}", text) else b""


_AAC_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)


def _aac_shape(config: bytes) -> tuple[int, int] | None:
    """Sample rate and channels out of an AudioSpecificConfig (ISO 14496-3 section 1.6.2.1), None for rarer
    forms."""
    if len(config) < 2 or config[0] >> 3 == 31:
        return None
    bits = int.from_bytes(config[:2], "big")
    rate, channels = bits >> 7 & 0xF, bits >> 3 & 0xF
    if rate >= len(_AAC_RATES) or not channels:
        return None
    return _AAC_RATES[rate], 8 if channels == 7 else channels


def build_sdp(name: str, media: Iterable[Media], host: str = "0.0.0.0") -> bytes:
    """A description as a server gives it to DESCRIBE; controls go out as they are in ``media``."""
    lines = [
        "v=0",
        f"o=- 0 0 IN IP4 {host}",
        f"s={_one_line(name)}",
        f"c=IN IP4 {host}",
        "t=0 0",
        "a=control:*",
        "a=range:npt=now-",
    ]
    for track in media:
        lines += _media_lines(track)
    return ("\r\n".join(lines) + "\r\n").encode()


def _media_lines(track: Media) -> list[str]:
    shape = f"{track.encoding}/{track.clock_rate}" + (f"/{track.channels}" if track.channels > 1 else "")
    lines = [f"m={track.kind} 0 RTP/AVP {track.payload_type}", f"a=rtpmap:{track.payload_type} {shape}"]
    if track.parameters:
        pairs = ";".join(f"{key}={value}" for key, value in track.parameters.items())
        lines.append(f"a=fmtp:{track.payload_type} {pairs}")
    if track.frame_rate is not None:
        lines.append(f"a=framerate:{track.frame_rate:g}")
    return [*lines, f"a=control:{track.control}"]


def _one_line(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f]+", " ", text).strip() or "-"


def format_parameters(
    codec: Codec, parameter_sets: tuple[bytes, ...], config: bytes = b""
) -> Mapping[str, str]:
    """The fmtp parameters for a codec: what `Media.parameter_sets` and `Media.audio_format` read back."""
    encoded = [base64.b64encode(one).decode() for one in parameter_sets]
    if codec is Codec.H264:
        level = {"profile-level-id": parameter_sets[0][1:4].hex().upper()} if parameter_sets else {}
        return MappingProxyType(
            {"packetization-mode": "1", **level, "sprop-parameter-sets": ",".join(encoded)}
        )
    if codec is Codec.H265:
        return MappingProxyType(_h265_parameters(parameter_sets))
    if codec is Codec.AAC:
        fixed = {"streamtype": "5", "profile-level-id": "1", "mode": "AAC-hbr"}
        lengths = {"sizelength": "13", "indexlength": "3", "indexdeltalength": "3"}
        return MappingProxyType({**fixed, **lengths, "config": config.hex().upper()})
    return _NO_PARAMETERS


def _h265_parameters(parameter_sets: tuple[bytes, ...]) -> dict[str, str]:
    """Sorted by the NAL unit type: 32 VPS, 33 SPS, 34 PPS (ITU-T H.265 table 7-1)."""
    names = {32: "sprop-vps", 33: "sprop-sps", 34: "sprop-pps"}
    found: dict[str, list[str]] = {}
    for one in parameter_sets:
        if name := names.get(one[0] >> 1 & 0x3F):
            found.setdefault(name, []).append(base64.b64encode(one).decode())
    return {name: ",".join(values) for name, values in found.items()}
