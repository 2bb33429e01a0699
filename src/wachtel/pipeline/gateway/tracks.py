"""The tracks of a stream as RTP carries them: described for SDP, and cut into payloads."""

from wachtel.media.nal import split_lengths
from wachtel.model.stream import VIDEO_TICKS_PER_S, AudioFormat, Codec, StreamFormat, Track, VideoFormat
from wachtel.protocols import rtp_send
from wachtel.protocols.sdp import Media, format_parameters

NUMBERS = {Track.VIDEO: 0, Track.AUDIO: 1}
"""The number of each track in our URLs."""

OPUS_SAMPLES_PER_S = 48_000
_FIRST_DYNAMIC_PAYLOAD = 96
_G711_PIECE_BYTES = 160
_VIDEO = {
    Codec.H264: ("H264", rtp_send.h264_payloads),
    Codec.H265: ("H265", rtp_send.h265_payloads),
}
_STATIC_PAYLOADS = {Codec.PCMU: 0, Codec.PCMA: 8}

Pieces = list[tuple[int, list[bytes]]]
"""Ticks of the track's clock after the packet's own time, and the RTP payloads of that moment."""


def media_of(format: StreamFormat) -> dict[Track, Media]:
    """The tracks we can send; empty for Motion JPEG, which we do not serve by RTSP."""
    if format.video.codec not in _VIDEO:
        return {}
    found = {Track.VIDEO: _video(format.video)}
    if format.audio is not None and (sound := _audio(format.audio)) is not None:
        found[Track.AUDIO] = sound
    return found


def _video(video: VideoFormat) -> Media:
    return Media(
        kind="video",
        payload_type=_FIRST_DYNAMIC_PAYLOAD,
        encoding=_VIDEO[video.codec][0],
        clock_rate=VIDEO_TICKS_PER_S,
        control=f"trackID={NUMBERS[Track.VIDEO]}",
        parameters=format_parameters(video.codec, video.parameter_sets),
    )


def _audio(audio: AudioFormat) -> Media | None:
    names = {Codec.AAC: "MPEG4-GENERIC", Codec.OPUS: "OPUS", Codec.PCMA: "PCMA", Codec.PCMU: "PCMU"}
    if audio.codec not in names or (audio.codec is Codec.AAC and not audio.config):
        return None
    opus = audio.codec is Codec.OPUS
    plain_telephone = audio.sample_rate == 8000 and audio.channels == 1
    static = _STATIC_PAYLOADS.get(audio.codec) if plain_telephone else None
    return Media(
        kind="audio",
        payload_type=_FIRST_DYNAMIC_PAYLOAD + 1 if static is None else static,
        encoding=names[audio.codec],
        clock_rate=OPUS_SAMPLES_PER_S if opus else audio.sample_rate,
        control=f"trackID={NUMBERS[Track.AUDIO]}",
        # RFC 7587 section 7: Opus is always announced with two channels.
        channels=2 if opus else audio.channels,
        parameters=format_parameters(audio.codec, (), audio.config if audio.codec is Codec.AAC else b""),
    )


def pieces_of(format: StreamFormat, track: Track, data: bytes, *, key: bool) -> Pieces:
    """A packet cut for RTP; a key frame has its parameter sets in front. Raises `WachtelError` (bad_data)."""
    if track is Track.VIDEO:
        sets = format.video.parameter_sets if key else ()
        return [(0, _VIDEO[format.video.codec][1]([*sets, *split_lengths(data)]))]
    audio = format.audio
    if audio is None:
        return []
    if audio.codec in _STATIC_PAYLOADS:
        step = _G711_PIECE_BYTES * audio.channels
        return [(at // audio.channels, [data[at : at + step]]) for at in range(0, len(data), step)]
    if audio.codec is Codec.AAC:
        return [(0, rtp_send.aac_payloads(data))]
    return [(0, [data])]
