"""The media service: profiles, addresses of streams and stills, encoders (ONVIF Media, version 1)."""

from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from wachtel.model.device import EncoderSettings
from wachtel.protocols.onvif.device import shown
from wachtel.protocols.xml_reader import Element

PROFILES = "<trt:GetProfiles/>"
LARGEST_SIZE = 16_384
_CODECS = {"H264": "h264", "H265": "h265", "JPEG": "mjpeg", "MPEG4": "mpeg4"}


@dataclass(frozen=True, slots=True)
class Encoder:
    """A video encoder's settings; ``element`` is the device's own text of them, to be sent back with changes."""

    token: str
    codec: str
    width: int
    height: int
    fps: float | None
    gop: int | None
    element: Element

    @property
    def key_frames_s(self) -> float | None:
        """How far key frames are apart, where the device tells."""
        return self.gop / self.fps if self.gop and self.fps else None


@dataclass(frozen=True, slots=True)
class Profile:
    """A stream the device offers; without ``encoder`` it has no picture. ``node`` names what moves it."""

    token: str
    name: str
    encoder: Encoder | None
    movable: bool
    node: str = ""


@dataclass(frozen=True, slots=True)
class EncoderOptions:
    """What an H.264 encoder can be set to: sizes, and the least and most of pictures a second and of the GOP."""

    sizes: tuple[tuple[int, int], ...]
    fps: tuple[int, int] | None
    gop: tuple[int, int] | None


def stream_uri(profile: str) -> str:
    """``GetStreamUri`` for RTP in an RTSP connection."""
    return (
        "<trt:GetStreamUri><trt:StreamSetup><tt:Stream>RTP-Unicast</tt:Stream>"
        "<tt:Transport><tt:Protocol>RTSP</tt:Protocol></tt:Transport></trt:StreamSetup>"
        f"<trt:ProfileToken>{escape(profile)}</trt:ProfileToken></trt:GetStreamUri>"
    )


def snapshot_uri(profile: str) -> str:
    """``GetSnapshotUri``."""
    return f"<trt:GetSnapshotUri><trt:ProfileToken>{escape(profile)}</trt:ProfileToken></trt:GetSnapshotUri>"


def encoder_options(configuration: str, profile: str) -> str:
    """``GetVideoEncoderConfigurationOptions``."""
    return (
        "<trt:GetVideoEncoderConfigurationOptions>"
        f"<trt:ConfigurationToken>{escape(configuration)}</trt:ConfigurationToken>"
        f"<trt:ProfileToken>{escape(profile)}</trt:ProfileToken></trt:GetVideoEncoderConfigurationOptions>"
    )


def set_encoder(encoder: Encoder, to: EncoderSettings) -> str:
    """``SetVideoEncoderConfiguration``: everything as it is, but H.264 with this size, rate and GOP length."""
    texts = {"Width": to.width, "Height": to.height, "FrameRateLimit": to.fps, "GovLength": to.gop}
    inside = "".join(_written(one, texts) for one in encoder.element.children)
    return (
        "<trt:SetVideoEncoderConfiguration>"
        f"<trt:Configuration token={quoteattr(encoder.token)}>{inside}</trt:Configuration>"
        "<trt:ForcePersistence>true</trt:ForcePersistence></trt:SetVideoEncoderConfiguration>"
    )


def read_profiles(answer: Element) -> tuple[Profile, ...]:
    """``GetProfilesResponse``; profiles without a token cannot be asked for and are left out."""
    profiles = (_profile(one) for one in answer.all("Profiles")[:64])
    return tuple(profile for profile in profiles if profile.token)


def read_uri(answer: Element) -> str:
    """``GetStreamUriResponse`` and ``GetSnapshotUriResponse``."""
    return answer.text_at("MediaUri", "Uri") or answer.text_at("Uri")


def read_encoder_options(answer: Element) -> EncoderOptions | None:
    """``GetVideoEncoderConfigurationOptionsResponse``; None when the encoder has no H.264."""
    h264 = answer.child("Options", "H264")
    if h264 is None:
        return None
    sizes = [
        (_number(one.text_at("Width")), _number(one.text_at("Height")))
        for one in h264.all("ResolutionsAvailable")[:256]
    ]
    return EncoderOptions(
        tuple((width, height) for width, height in sizes if width and height),
        _range(h264.child("FrameRateRange")),
        _range(h264.child("GovLengthRange")),
    )


def _profile(element: Element) -> Profile:
    encoder = element.child("VideoEncoderConfiguration")
    return Profile(
        element.attributes.get("token", ""),
        shown(element.text_at("Name")),
        None if encoder is None else read_encoder(encoder),
        element.child("PTZConfiguration") is not None,
        element.text_at("PTZConfiguration", "NodeToken"),
    )


def read_encoder(element: Element) -> Encoder:
    """A ``VideoEncoderConfiguration``."""
    encoding = element.text_at("Encoding")
    gop = next((_number(one.text) for one in element.below("GovLength")), 0)
    if not gop:
        gop = _number(element.attributes.get("GovLength", ""))
    return Encoder(
        element.attributes.get("token", ""),
        _CODECS.get(encoding.upper().replace(".", ""), shown(encoding)[:20].lower()),
        _number(element.text_at("Resolution", "Width")),
        _number(element.text_at("Resolution", "Height")),
        _rate(element.text_at("RateControl", "FrameRateLimit")),
        gop or None,
        element,
    )


def _number(text: str) -> int:
    """A size or length; 0 for anything that cannot be one."""
    return (
        int(text) if text.isascii() and text.isdigit() and len(text) < 6 and int(text) <= LARGEST_SIZE else 0
    )


def _rate(text: str) -> float | None:
    try:
        rate = float(text[:12])
    except ValueError:
        return None
    return rate if 0 < rate <= 1000 else None


def _range(element: Element | None) -> tuple[int, int] | None:
    if element is None:
        return None
    least, most = _number(element.text_at("Min")), _number(element.text_at("Max"))
    return (least, most) if most > 0 and least <= most else None


def _written(element: Element, texts: dict[str, int]) -> str:
    """An element of the device's, with other texts where ``texts`` says so, in the namespace of the schema."""
    text = str(texts[element.name]) if element.name in texts else element.text
    attributes = "".join(f" {name}={quoteattr(value)}" for name, value in element.attributes.items())
    inside = "".join(_written(one, texts) for one in element.children)
    return f"<tt:{element.name}{attributes}>{escape(text)}{inside}</tt:{element.name}>"
