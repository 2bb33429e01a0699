"""Drafts: recorded pictures stand in their file as they come, and are recorded as if nothing had been there."""

import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recording_rig import FORMAT, RecordingRig

from wachtel.base.errors import WachtelError
from wachtel.media.draft import Draft, Drafts
from wachtel.media.fmp4_read import Bytes, Fragment, read_fragments, read_head
from wachtel.media.journal import Closed
from wachtel.media.timestamps import Timeline
from wachtel.model.stream import Codec, Packet, StreamFormat
from wachtel.pipeline.recorder import Gate
from wachtel.protocols.camera_url import parse_camera_url
from wachtel.protocols.rtp_send import h264_payloads
from wachtel.protocols.rtsp import Interleaved
from wachtel.protocols.sdp import Media
from wachtel.sources.address import Endpoint
from wachtel.sources.rtsp import source as source_module
from wachtel.sources.rtsp.connection import RtspConnection
from wachtel.sources.rtsp.native import drafts as drafts_module
from wachtel.sources.rtsp.native.drafts import new_drafter
from wachtel.sources.rtsp.session import RtspSession
from wachtel.sources.rtsp.source import RtspSource
from wachtel.sources.rtsp.transport import TcpLink
from wachtel.sources.rtsp.video_track import VideoTrack

pytestmark = pytest.mark.skipif(new_drafter() is None, reason="not compiled here")

URL = parse_camera_url("rtsp://192.0.2.7/main")
SETS = list(FORMAT.video.parameter_sets)
TICKS = 450
MTU = 40
LONG_S = 60.0
LONG_AGO_NS = 1 << 62


def key(number: int, size: int = 30) -> list[bytes]:
    """The units of a key picture."""
    return [*SETS, b"\x65\x88" + number.to_bytes(4, "big") * size]


def plain(number: int, size: int = 30) -> list[bytes]:
    """The units of one that refers to others."""
    return [b"\x41\x9a" + number.to_bytes(4, "big") * size]


@dataclass(slots=True)
class Sender:
    """Makes a camera's bytes."""

    sequence: int = 65_500
    timestamp: int = 0xFFFF_0000
    ssrc: bytes = b"\x01\x02\x03\x04"

    def picture(self, units: list[bytes], ticks: int = TICKS, missing: int = -1) -> bytes:
        """A picture in packets, one of them missing perhaps."""
        out, payloads = b"", h264_payloads(units, MTU)
        for number, payload in enumerate(payloads):
            kind = 96 | 0x80 * (number == len(payloads) - 1)
            head = bytes((0x80, kind)) + (self.sequence & 0xFFFF).to_bytes(2, "big")
            head += (self.timestamp & 0xFFFF_FFFF).to_bytes(4, "big") + self.ssrc
            self.sequence += 1
            if number != missing:
                out += Interleaved(0, head + payload).encode()
        self.timestamp += ticks
        return out


@dataclass(slots=True)
class Recording:
    """A camera whose main stream is recorded; ``seen`` is what stood in its file whenever drafts were written."""

    rig: RecordingRig
    camera: socket.socket
    source: RtspSource
    urgent: bytearray
    seen: list[tuple[int, bytes]] = field(default_factory=list)
    timeline: Timeline = field(default_factory=Timeline)
    items: Iterator[StreamFormat | Packet] = field(init=False)

    def __post_init__(self) -> None:
        self.items = self.source.packets()

    def open_file(self) -> Path:
        """The file that grows."""
        return self.rig.root / "archive" / self.rig.opened[-1]

    def record(self, pictures: int) -> None:
        """Reads until so many pictures more are recorded, or the camera ends."""
        for item in self.items:
            if isinstance(item, Packet):
                self.rig.gate.add(self.timeline.place(item))
                pictures -= 1
            else:
                self.rig.gate.format(item)
            if not pictures:
                return

    def record_all(self) -> None:
        """Reads until the camera ends."""
        with suppress(WachtelError):
            self.record(-1)

    def fragments(self) -> list[Fragment]:
        """What is in the files, one after the other."""
        self.rig.gate.stop()
        self.rig.flusher.run_once()
        return [one for segment in self.rig.segments() for one in self.rig.fragments(segment)]


@contextmanager
def recording(folder: Path, *, drafted: bool = True) -> Iterator[Recording]:
    """With drafts, or without."""
    rig, (camera, ours) = RecordingRig(folder), socket.socketpair()
    with camera, ours:
        connection = RtspConnection(ours, Endpoint("192.0.2.7", 554, "192.0.2.7"), URL, rig.clock)
        connection.expect_pictures(0, Codec.H264)
        session = RtspSession(connection, URL, rig.clock)
        link, track = TcpLink(session), VideoTrack(Media("video", 96, "H264", 90_000, "x", 1, {}))
        urgent = bytearray(1)
        made: list[Recording] = []
        drafts = Drafts(lambda: watched(rig.gate, made[0]), urgent) if drafted else None
        now = rig.clock.monotonic_s()
        made.append(
            Recording(
                rig,
                camera,
                RtspSource(session, link, (track, (0, 1)), None, LONG_S, now, drafts=drafts),
                urgent,
            )
        )
        rig.gate.begin_session("run")
        yield made[0]
    rig.close()


@contextmanager
def watched(gate: Gate, seen: Recording) -> Iterator[Draft | None]:
    """Looks at the file when drafts have been written."""
    with gate.draft() as draft:
        yield draft
        if draft is not None:
            seen.seen.append((draft.room.offset, seen.open_file().read_bytes()))


def times(fragments: list[Fragment]) -> list[tuple[int, int, bool]]:
    """Decode time, size and kind of each picture."""
    return [(one.decode, one.video_bytes, one.key) for one in fragments]


def read_back(data: bytes) -> tuple[list[Fragment], int]:
    """The fragments of a file, and where the last one ends."""
    source = Bytes(data)
    found = list(read_fragments(source, read_head(source)))
    return found, found[-1].end


def begun(door: Recording) -> Sender:
    """A camera of which so much is recorded that what comes next is drafted."""
    sender = Sender()
    door.camera.sendall(b"".join(sender.picture(units) for units in (key(0), plain(1), plain(2))))
    door.record(3)
    return sender


def test_a_plain_picture_is_in_the_file_before_anybody_has_read_it(tmp_path: Path) -> None:
    with recording(tmp_path) as door:
        sender = begun(door)
        door.camera.sendall(b"".join(sender.picture(plain(number)) for number in (3, 4, 5)))
        door.camera.sendall(sender.picture(key(6)))
        door.record(4)
        offset, drafted = door.seen[-1]
        pictures, end = read_back(drafted)
        assert (len(pictures), end) == (6, len(drafted))
        assert door.open_file().read_bytes().startswith(drafted)
        assert offset == pictures[2].end
        assert times(door.fragments()) == [*times(pictures), (6 * TICKS, len(b"".join(key(6)[2:])) + 4, True)]


def test_who_wants_pictures_at_once_has_them_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_module, "LONGEST_DRAFTS_S", LONG_S)
    with recording(tmp_path) as door:
        sender = begun(door)
        waits = threading.Thread(target=door.record, args=(2,))
        waits.start()
        door.urgent[0] = 1
        for number in (3, 4):
            door.camera.sendall(sender.picture(plain(number)))
        waits.join(10.0)
        assert not waits.is_alive()


def test_a_stream_that_is_stopped_waits_no_longer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_module, "LONGEST_DRAFTS_S", LONG_S)
    with recording(tmp_path) as door:
        begun(door)
        waits = threading.Thread(target=door.record_all)
        waits.start()
        door.source.close()
        waits.join(10.0)
        assert not waits.is_alive()


def test_what_was_not_recorded_after_all_is_cut_off(tmp_path: Path) -> None:
    with recording(tmp_path) as door:
        sender = begun(door)
        recorded = door.open_file().stat().st_size
        door.camera.sendall(sender.picture(plain(3)) + sender.picture(key(4)))
        door.record(1)
        with door.rig.gate.draft() as draft:
            assert draft is not None
            with door.open_file().open("r+b") as file:
                file.seek(draft.room.offset)
                file.write(b"draft" * 1000)
        assert draft.room.offset > recorded
        assert len(door.fragments()) == 4
        segment = door.rig.segments()[-1]
        assert segment.closed == Closed.STOP
        assert door.open_file().stat().st_size == segment.bytes
        assert b"draft" not in door.open_file().read_bytes()


Act = Callable[[Sender, int], bytes]
CAMERA_REPORT = Interleaved(
    1, bytes.fromhex("80c80006010203040000000000000000000000000000000000000000")
).encode()


def other_sender(sender: Sender, number: int) -> bytes:
    """A camera that began anew in the middle."""
    sender.ssrc, sender.sequence, sender.timestamp = number.to_bytes(4, "big"), 7 * number, 5000 * number
    return sender.picture(plain(number))


ACTS: list[Act] = [
    *[lambda sender, number: sender.picture(plain(number))] * 6,
    lambda sender, number: sender.picture(plain(number, 90)),
    lambda sender, number: sender.picture(key(number)),
    lambda sender, number: sender.picture(plain(number) + plain(number, 3)),
    lambda sender, number: sender.picture([b"\x09\xf0", *plain(number)]),
    lambda sender, number: sender.picture(plain(number), ticks=3000),
    lambda sender, number: sender.picture(plain(number), ticks=0),
    lambda sender, number: sender.picture(plain(number), ticks=200_000),
    lambda sender, number: sender.picture(plain(number), ticks=-20_000),
    lambda sender, number: sender.picture(plain(number), missing=1),
    lambda sender, number: CAMERA_REPORT + sender.picture(plain(number)),
    lambda sender, number: sender.picture([b"\x41\x9a\0\0\1\x41" + bytes(number % 50)]),
    lambda sender, number: b"RTSP/1.0 200 OK\r\nCSeq: 9\r\n\r\n" + sender.picture(plain(number)),
    other_sender,
]


@settings(max_examples=60, deadline=None)
@given(
    acts=st.lists(st.sampled_from(ACTS), min_size=3, max_size=25),
    cuts=st.lists(st.integers(1, 400), max_size=40),
)
def test_with_drafts_the_same_is_recorded(acts: list[Act], cuts: list[int]) -> None:
    sender = Sender()
    stream = b"".join(sender.picture(units) for units in (key(0), plain(1), plain(2)))
    begun = len(stream)
    stream += b"".join(act(sender, number) for number, act in enumerate(acts, 3))
    places = sorted({begun, *(at for at in cuts if begun < at < len(stream)), len(stream)})
    with tempfile.TemporaryDirectory() as folder, recording(Path(folder), drafted=False) as door:
        door.camera.sendall(stream)
        door.camera.shutdown(socket.SHUT_WR)
        door.record_all()
        expected = door.fragments()
    with (
        pytest.MonkeyPatch.context() as patch,
        tempfile.TemporaryDirectory() as folder,
        recording(Path(folder)) as door,
    ):
        # Nobody has waited on the clock in the hand, whatever the machine says.
        patch.setattr(drafts_module, "_NS_PER_US", LONG_AGO_NS)
        door.camera.sendall(stream[:begun])
        door.record(3)
        sends = threading.Thread(target=send, args=(door.camera, [stream[a:b] for a, b in pairwise(places)]))
        sends.start()
        door.record_all()
        sends.join(10.0)
        for offset, drafted in door.seen:
            _, end = read_back(drafted)
            assert offset <= end <= len(drafted)
        assert times(door.fragments()) == times(expected)


def send(camera: socket.socket, pieces: list[bytes]) -> None:
    """Sends one piece after the other, and ends."""
    for piece in pieces:
        camera.sendall(piece)
    camera.shutdown(socket.SHUT_WR)
