"""A file as a camera would send it: tracks, and units cut into RTP payloads, in order of time."""

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.error import FFmpegError
from av.packet import Packet

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.protocols.sdp import Media
from wachtel.testing.fake_camera.reencoding import make_playable
from wachtel.testing.fake_camera.tracks import FileTrack, audio_track, is_sent_by_cameras, video_track

LARGEST_FILE_BYTES = 1 << 30
"""A programme is held in memory."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One picture or piece of sound, ``track`` an index into the programme's tracks.

    ``at_s`` is when it is sent and ``shown_s`` what its timestamp says; both count from the programme's
    start.
    """

    track: int
    at_s: float
    shown_s: Fraction
    key: bool
    payloads: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Programme:
    """What one stream plays. The first picture is a key frame; ``key`` is never True for sound."""

    tracks: tuple[Media, ...]
    units: tuple[Unit, ...]
    duration_s: float


def load_programme(path: Path) -> Programme:
    """Reads a whole file.

    Video that is neither H.264 nor H.265 is encoded again, and so are B-frames in AVI, which does not say when they
    are shown. Sound that is neither AAC nor G.711 is left out.
    Raises `WachtelError` (not_found, or invalid: no video, too large, broken).
    """
    if not path.is_file():
        raise WachtelError(ErrorKind.NOT_FOUND, f"There is no file {path} for the fake camera to play.")
    if path.stat().st_size > LARGEST_FILE_BYTES:
        raise WachtelError(ErrorKind.INVALID, f"{path} is larger than 1 GiB, the most a fake camera plays.")
    try:
        return _load(path)
    except FFmpegError as error:
        raise WachtelError(ErrorKind.INVALID, f"{path} cannot be played: {error.strerror}.") from error


def _load(path: Path) -> Programme:
    with av.open(path.as_posix()) as container:
        if not container.streams.video:
            raise WachtelError(ErrorKind.INVALID, f"{path} has no video for the fake camera to play.")
        video = container.streams.video[0]
        if not is_sent_by_cameras(video) or (
            container.format.name == "avi" and video.codec_context.has_b_frames
        ):
            return _load_again(path)
        tracks = {video.index: video_track(video, 0)}
        for audio in container.streams.audio[:1]:
            if (track := audio_track(audio, 1)) is not None:
                tracks[audio.index] = track
        packets = container.demux([container.streams[index] for index in tracks])
        return _programme(tracks, [packet for packet in packets if packet.size and packet.dts is not None])


def _load_again(path: Path) -> Programme:
    with tempfile.TemporaryDirectory() as folder:
        return _load(make_playable(path, Path(folder) / "playable.mp4"))


def _programme(tracks: Mapping[int, FileTrack], packets: list["Packet[Any]"]) -> Programme:
    packets = _from_first_key_frame(packets)
    if not packets:
        raise WachtelError(ErrorKind.INVALID, "The file has no key frame for the fake camera to begin with.")
    start = min(_seconds(packet.dts, packet) for packet in packets)
    numbers = {index: number for number, index in enumerate(tracks)}
    units = [
        unit
        for packet in packets
        for unit in _units(packet, numbers[packet.stream_index], tracks[packet.stream_index], start)
    ]
    units.sort(key=lambda unit: unit.at_s)
    end = max(_seconds(packet.dts, packet) + _length(packet) for packet in packets)
    return Programme(tuple(track.media for track in tracks.values()), tuple(units), float(end - start))


def _from_first_key_frame(packets: list["Packet[Any]"]) -> list["Packet[Any]"]:
    pictures = (
        at for at, packet in enumerate(packets) if packet.is_keyframe and packet.stream.type == "video"
    )
    first = next(pictures, len(packets))
    return packets[first:]


def _units(packet: "Packet[Any]", number: int, track: FileTrack, start: Fraction) -> Iterable[Unit]:
    sent = _seconds(packet.dts, packet) - start
    shown = _seconds(packet.dts if packet.pts is None else packet.pts, packet) - start
    key = packet.is_keyframe and track.media.kind == "video"
    for offset, payloads in track.cut(packet):
        yield Unit(number, float(sent + offset), shown + offset, key, tuple(payloads))


def _seconds(ticks: int | None, packet: "Packet[Any]") -> Fraction:
    return Fraction(ticks or 0) * packet.time_base


def _length(packet: "Packet[Any]") -> Fraction:
    return Fraction(packet.duration or 0) * packet.time_base
