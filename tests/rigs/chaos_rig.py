"""Records chaotic streams into a real archive folder and judges every file: FFmpeg has nothing to say about it."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import av
import av.logging

from wachtel.media.fmp4_read import Bytes, read_fragments, read_head
from wachtel.media.journal import Journalled, SegmentLine
from wachtel.media.timestamps import Timeline
from wachtel.model.footage import GapReason
from wachtel.model.stream import Packet, StreamFormat, StreamName, VideoFormat
from wachtel.pipeline.recorder import Place, Recorder
from wachtel.sources.rtsp.audio_track import AudioTrack, audio_format
from wachtel.sources.rtsp.video_track import VideoTrack
from wachtel.storage.files import Flusher, JournalWriter, Volume
from wachtel.storage.files.volume import prepare
from wachtel.testing.chaos import START, VIDEO, ChaoticStream, Material
from wachtel.testing.clock import FakeClock


@dataclass(slots=True)
class Judgement:
    """What became of a stream. ``complaints`` is empty when all is well.

    ``out_of_order`` counts pictures whose time of showing is not after that of the picture shown before: where stamps
    step among B pictures, which of them comes first cannot be told from stamps.
    """

    files: int = 0
    pictures: int = 0
    sounds: int = 0
    out_of_order: int = 0
    by_program: int = 0
    complaints: list[str] = field(default_factory=list)


class ChaosRig:
    """One archive folder, in which one stream after the other is recorded, judged and removed."""

    def __init__(self, root: Path, material: Material) -> None:
        self._archive = root / "archive"
        for name in ("archive", "keys"):
            (root / name).mkdir()
        self._material = material
        self._clock = FakeClock(START)
        self._lines: list[Journalled] = []
        self._troubles: list[str] = []
        prepare(self._archive, root / "keys", START)
        volume = Volume.open(self._archive, root / "keys")
        self._flusher = Flusher(self._clock)
        self._journal = JournalWriter.open(volume, "home", "door", self._clock, self._lines.append)
        self._place = Place(volume, self._flusher, self._journal, "home", "door", StreamName.MAIN)

    def judge(self, stream: ChaoticStream, *, by_program: bool = False) -> Judgement:
        """Records the stream and looks at its files; ``by_program`` has the ffmpeg command look, too."""
        self._lines.clear()
        self._record(stream)
        found = Judgement(complaints=list(self._troubles))
        self._troubles.clear()
        lines = [one.line for one in self._lines if isinstance(one.line, SegmentLine)]
        for line in lines:
            path = self._archive / line.file
            found.files += 1
            found.complaints += _judge_file(path, line.frames, found)
            if by_program and not found.out_of_order:
                found.complaints += _by_program(path)
                found.by_program += 1
            path.unlink()
        if found.out_of_order and not stream.reorders:
            found.complaints.append(f"{found.out_of_order} pictures are out of order")
        return found

    def close(self) -> None:
        """Gives the journal back."""
        self._journal.close()

    def _record(self, stream: ChaoticStream) -> None:
        recorder = Recorder(
            self._place, self._clock, accounted_until=START, reason=GapReason.RESTART,
            on_opened=lambda path, start: None, on_trouble=lambda error: self._troubles.append(str(error)),
        )  # fmt: skip
        recorder.begin_session(f"{stream.seed:012x}")
        timeline = Timeline()
        for item in self._items(stream):
            if isinstance(item, StreamFormat):
                recorder.format(item)
            else:
                recorder.add(timeline.place(item))
        recorder.stop()
        self._flusher.run_once()

    def _items(self, stream: ChaoticStream) -> Iterator[StreamFormat | Packet]:
        video = VideoTrack(VIDEO)
        sound = audio_format(self._material.sound_media)
        assert sound is not None
        audio = AudioTrack(self._material.sound_media, sound, video)
        for datagram in stream.datagrams:
            track = audio if datagram.sound else video
            for item in track.feed(datagram.data, datagram.arrival):
                if isinstance(item, VideoFormat):
                    yield StreamFormat(item, sound if stream.with_sound else None)
                else:
                    yield item


def _judge_file(path: Path, frames: int, found: Judgement) -> list[str]:
    return [f"{path.name}: {what}" for what in (*_times(path), *_decoded(path, frames, found))]


def _times(path: Path) -> list[str]:
    """What is wrong with the times as written."""
    source = Bytes(path.read_bytes())
    head, times = read_head(source), dict[int, list[int]]()
    bad = []
    for fragment in read_fragments(source, head):
        if fragment.composition < 0:
            bad.append(f"a picture is shown {fragment.composition} ticks before it is decoded")
        for track in fragment.tracks:
            times.setdefault(track.track, []).append(track.decode)
    if times.get(head.video_track, [0])[0] != 0:
        bad.append("decode time does not start at 0")
    for number, line in times.items():
        bad += [f"decode time of track {number} goes from {a} to {b}" for a, b in pairwise(line) if b <= a]
    return bad


def _decoded(path: Path, frames: int, found: Judgement) -> list[str]:
    """What FFmpeg's libraries say while they decode the file to its end."""
    bad, shown = [], []
    with av.logging.Capture() as logs, av.open(str(path)) as container:
        for packet in container.demux():
            for frame in packet.decode():
                if isinstance(frame, av.VideoFrame):
                    shown.append(frame.pts or 0)
                else:
                    found.sounds += 1
    bad += [f"{name}: {text.strip()}" for level, name, text in logs if level <= av.logging.ERROR]
    if len(shown) != frames:
        bad.append(f"{frames} pictures were written, {len(shown)} are shown")
    found.pictures += len(shown)
    found.out_of_order += sum(b <= a for a, b in pairwise(shown))
    return bad


def _by_program(path: Path) -> list[str]:
    command = ["ffmpeg", "-v", "error", "-xerror", "-i", str(path), "-enc_time_base", "-1", "-f", "null", "-"]
    return [
        f"{path.name}: ffmpeg: {line}"
        for line in subprocess.run(command, capture_output=True, text=True).stderr.splitlines()
    ]
