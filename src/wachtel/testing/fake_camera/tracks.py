"""The tracks of a file: how they are described in SDP and how their packets are cut into RTP payloads."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from av.audio.stream import AudioStream
from av.packet import Packet
from av.video.stream import VideoStream

from wachtel.media import h264, h265, nal
from wachtel.model.stream import VIDEO_TICKS_PER_S, Codec
from wachtel.protocols import rtp_send
from wachtel.protocols.sdp import Media, format_parameters

FIRST_DYNAMIC_PAYLOAD = 96
_G711_PIECE = 160
"""Bytes, and so samples, of one packet of G.711: 20 ms, as RFC 3551 section 4.2 recommends."""
_G711 = {"pcm_alaw": (Codec.PCMA, "PCMA", 8), "pcm_mulaw": (Codec.PCMU, "PCMU", 0)}

Cut = Callable[["Packet[Any]"], Iterable[tuple[Fraction, Sequence[bytes]]]]
"""From a packet of the file to pieces: seconds after the packet's own time, and RTP payloads."""


@dataclass(frozen=True, slots=True)
class FileTrack:
    """A track of the file."""

    media: Media
    cut: Cut


@dataclass(frozen=True, slots=True)
class _VideoKind:
    codec: Codec
    encoding: str
    read_record: Callable[[bytes], tuple[tuple[bytes, ...], int]]
    payloads: Callable[[Iterable[bytes]], list[bytes]]
    set_types: frozenset[int]
    nal_type: Callable[[int], int]


_VIDEO = {
    "h264": _VideoKind(
        Codec.H264,
        "H264",
        h264.read_decoder_configuration,
        rtp_send.h264_payloads,
        frozenset((7, 8)),
        h264.nal_type,
    ),
    "hevc": _VideoKind(
        Codec.H265,
        "H265",
        h265.read_decoder_configuration,
        rtp_send.h265_payloads,
        frozenset((32, 33, 34)),
        h265.nal_type,
    ),
}


def is_sent_by_cameras(stream: VideoStream) -> bool:
    """True for the codecs `video_track` takes."""
    return stream.codec_context.name in _VIDEO


def video_track(stream: VideoStream, number: int) -> FileTrack:
    """Track ``number`` of the programme. Raises KeyError for another codec, `WachtelError` (bad_data)."""
    kind = _VIDEO[stream.codec_context.name]
    record = stream.codec_context.extradata or b""
    sets, length_size = (
        kind.read_record(record) if record[:1] == b"\1" else (tuple(nal.split_annexb(record)), 0)
    )
    rate = stream.average_rate
    media = Media(
        kind="video",
        payload_type=FIRST_DYNAMIC_PAYLOAD + number,
        encoding=kind.encoding,
        clock_rate=VIDEO_TICKS_PER_S,
        control=f"trackID={number}",
        parameters=format_parameters(kind.codec, sets),
        frame_rate=round(float(rate), 3) if rate else None,
    )
    return FileTrack(
        media, lambda packet: [(Fraction(0), kind.payloads(_nals(packet, kind, sets, length_size)))]
    )


def _nals(packet: "Packet[Any]", kind: _VideoKind, sets: tuple[bytes, ...], length_size: int) -> list[bytes]:
    """The units of a picture; a key frame gets its parameter sets in front, as cameras send it."""
    data = bytes(packet)
    units = nal.split_lengths(data, length_size) if length_size else nal.split_annexb(data)
    has_sets = any(kind.nal_type(unit[0]) in kind.set_types for unit in units)
    return [*sets, *units] if packet.is_keyframe and not has_sets else units


def audio_track(stream: AudioStream, number: int) -> FileTrack | None:
    """Track ``number`` of the programme, None for sound that is neither AAC nor G.711."""
    name = stream.codec_context.name
    if name == "aac" and stream.codec_context.extradata:
        return _aac_track(stream, number, stream.codec_context.extradata)
    if name in _G711:
        return _g711_track(stream, number)
    return None


def _aac_track(stream: AudioStream, number: int, config: bytes) -> FileTrack:
    media = Media(
        kind="audio",
        payload_type=FIRST_DYNAMIC_PAYLOAD + number,
        encoding="MPEG4-GENERIC",
        clock_rate=stream.codec_context.sample_rate,
        control=f"trackID={number}",
        channels=stream.codec_context.channels,
        parameters=format_parameters(Codec.AAC, (), config),
    )
    return FileTrack(media, lambda packet: [(Fraction(0), rtp_send.aac_payloads(bytes(packet)))])


def _g711_track(stream: AudioStream, number: int) -> FileTrack:
    _, encoding, payload_type = _G711[stream.codec_context.name]
    rate, channels = stream.codec_context.sample_rate, stream.codec_context.channels
    static = rate == 8000 and channels == 1
    media = Media(
        kind="audio",
        payload_type=payload_type if static else FIRST_DYNAMIC_PAYLOAD + number,
        encoding=encoding,
        clock_rate=rate,
        control=f"trackID={number}",
        channels=channels,
    )
    return FileTrack(media, lambda packet: _g711_pieces(bytes(packet), rate, channels))


def _g711_pieces(data: bytes, rate: int, channels: int) -> Iterable[tuple[Fraction, Sequence[bytes]]]:
    step = _G711_PIECE * channels
    return [(Fraction(at // channels, rate), (data[at : at + step],)) for at in range(0, len(data), step)]
