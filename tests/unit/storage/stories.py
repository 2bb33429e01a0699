"""A camera's life on a simulated disk, and what its owner might have to complain about afterwards."""

import hashlib
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import msgspec
from archive_samples import START, Camera, Recording, event
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from wachtel.base.errors import WachtelError
from wachtel.media.fmp4_read import Bytes, recover
from wachtel.media.journal import (
    Closed,
    DeletedLine,
    Entry,
    EventLine,
    SegmentLine,
    SignalLine,
    StartLine,
    read_lines,
)
from wachtel.media.journal_chain import ChainHead, FaultKind, JournalIdentity, verify_day
from wachtel.media.journal_values import event_line, signal_line
from wachtel.storage.files import Closing
from wachtel.storage.files.disk import read_all
from wachtel.storage.files.reading import CameraPlace, journals, segment_files
from wachtel.storage.files.recovery import Recovery
from wachtel.storage.files.removal import remove_listed
from wachtel.storage.files.volume import Marker, Volume, public_hex, valid_signature
from wachtel.testing.simulated_disk import SimulatedDisk

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PLACE = CameraPlace("home", "door")
_TOLERATED = frozenset({FaultKind.UNSIGNED})


def volume_on(disk: SimulatedDisk) -> Volume:
    """The volume of all stories; its marker is safe from the beginning."""
    marker = Marker("11111111-2222-4333-8444-555555555555", 1, START, public_hex(KEY))
    if not disk.exists("VOLUME.json"):
        file = disk.create("VOLUME.json")
        file.write(msgspec.json.encode(marker))
        file.fsync()
        disk.fsync_folder("")
    return Volume(marker.volume, marker, disk, KEY)


@dataclass
class Story:
    """Recording, events, deletions and midnights; trouble of the disk is met as the recorder meets it."""

    disk: SimulatedDisk
    die: random.Random
    camera: Camera = field(init=False)
    synced: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.camera = Camera(volume_on(self.disk))

    def run(self) -> None:
        camera, die = self.camera, self.die
        self._try(lambda: camera.journal.append(StartLine(run="run")))
        for number in range(8):
            self._try(lambda number=number: self._record(number))  # type: ignore[misc]
            if die.random() < 0.4:
                camera.write(signal_line(event(number, length_s=None)))
                if die.random() < 0.5:
                    camera.write(event_line(event(number)))
            if die.random() < 0.2:
                self._try(self._remove_oldest)
            camera.clock.advance(die.choice((1, 60, 50_000)))

    def _record(self, number: int) -> None:
        camera, die = self.camera, self.die
        recording = camera.begin(number * 50, pictures=0)
        with suppress(WachtelError):
            camera.add_pictures(recording, number * 50, die.randint(6, 12))
        if die.random() < 0.5:
            camera.clock.advance(2)
            camera.flusher.run_once()
        self.synced[recording.file.path] = recording.file.synced_bytes
        if number < 7 or die.random() < 0.5:
            self._finish(recording)

    def _finish(self, recording: Recording) -> None:
        muxer = recording.muxer
        with suppress(WachtelError):
            recording.file.append(muxer.tail())
        closing = Closing(muxer.start, muxer.end, muxer.frames, muxer.key_frames, "run", Closed.ROTATE)
        self.camera.flusher.finish(recording.file, closing)
        self.camera.flusher.run_once()

    def _remove_oldest(self) -> None:
        lines = [line.line for line in self.camera.lines]
        gone = {line.file for line in lines if isinstance(line, DeletedLine)}
        there = [line for line in lines if isinstance(line, SegmentLine) and line.file not in gone]
        if there:
            remove_listed(self.camera.volume, self.camera.journal, [there[0].file], "space")

    def _try(self, step: Callable[[], object]) -> None:
        with suppress(WachtelError):
            step()


def violations(story: Story, disk: SimulatedDisk, recovered: Recovery) -> list[str]:
    """What was promised and is not so, after the restart."""
    whole = {path: read_all(disk, path) for path in journals(disk, PLACE)}
    entries = [line.entry for data in whole.values() for line in read_lines(data) if line.entry is not None]
    return [
        *_lost_lines(story, whole),
        *_chain_faults(whole, volume_on(disk)),
        *_lost_footage(story, disk, entries, recovered),
        *_lost_events(story, entries),
    ]


def _lost_lines(story: Story, whole: dict[str, bytes]) -> Iterator[str]:
    for line in story.camera.lines:
        if whole.get(line.path, b"")[line.start : line.end] != line.raw + b"\n":
            yield f"a line that was safe is gone: {line.raw!r}"


def _chain_faults(whole: dict[str, bytes], volume: Volume) -> Iterator[str]:
    head, identity = ChainHead(), JournalIdentity(volume.id, "home", "door")
    for path in sorted(whole, key=lambda path: _first_seq(whole[path])):
        report = verify_day(whole[path], head, identity, valid_signature)
        head = report.head
        yield from (f"{path}: {fault}" for fault in report.faults if fault.kind not in _TOLERATED)


def _first_seq(data: bytes) -> int:
    return next((line.entry.seq for line in read_lines(data) if line.entry is not None), 0)


def _lost_footage(
    story: Story, disk: SimulatedDisk, entries: list[Entry], recovered: Recovery
) -> Iterator[str]:
    gone = {entry.file for entry in entries if isinstance(entry, DeletedLine)}
    listed = {e.file: e for e in entries if isinstance(e, SegmentLine) and e.file not in gone}
    for path, entry in listed.items():
        data = read_all(disk, path) if disk.exists(path) else b""
        if hashlib.sha256(data).hexdigest() != entry.sha256:
            yield f"a listed file is missing or has changed: {path}"
        elif recover(Bytes(data)).frames != entry.frames:
            yield f"a listed file holds other pictures than listed: {path}"
    for _, path in segment_files(disk, PLACE):
        if path in gone:
            yield f"a deleted file is back: {path}"
        elif path not in listed and path not in recovered.foreign:
            yield f"a file is not listed: {path}"
    for path, size in story.synced.items():
        if size and path not in gone and (not disk.exists(path) or disk.size(path) < size):
            yield f"footage that was synced is gone: {path}"


def _lost_events(story: Story, entries: list[Entry]) -> Iterator[str]:
    begun = {line.line.event for line in story.camera.lines if isinstance(line.line, SignalLine)}
    ended = {entry.id for entry in entries if isinstance(entry, EventLine)}
    if begun - ended:
        yield f"events without an end: {begun - ended}"
