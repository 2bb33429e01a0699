"""Somebody who reads nothing costs the camera nothing, and the memory comes back when he goes."""

import socket
import threading
import time
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from recording_rig import FORMAT, RecordingRig

from wachtel.base.units import WallUs
from wachtel.base.wire import Unpacker, pack
from wachtel.media.timestamps import Timeline
from wachtel.model.stream import Packet, StreamName, Track
from wachtel.pipeline import newest_group
from wachtel.pipeline import tap as tap_module
from wachtel.pipeline.messages import FromTap, Tap, TapLoss, TapPacket
from wachtel.pipeline.tap import StreamFan, TapServer

FPS, GOP, SIZE = 25, 50, 100_000
PICTURES = 600


def picture(number: int) -> Packet:
    """60 MB in all are far more than any queue."""
    nal = (b"\x65" if number % GOP == 0 else b"\x41") + bytes(SIZE)
    data = len(nal).to_bytes(4, "big") + nal
    return Packet(
        data, number, number, Fraction(1, FPS), number % GOP == 0, Track.VIDEO, WallUs(number * 40_000)
    )


class Reader:
    """A consumer at the other end of the socket."""

    def __init__(self, path: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.connect(str(path))
        self.socket.sendall(pack(Tap("door", StreamName.MAIN, "all")))

    def read_all(self, until: int) -> list[FromTap]:
        unpacker: Unpacker[FromTap] = Unpacker(FromTap)
        found: list[FromTap] = []
        self.socket.settimeout(10.0)
        while not any(isinstance(one, TapPacket) and one.pts == until for one in found):
            found += unpacker.feed(self.socket.recv(1 << 20))
        return found


@pytest.fixture
def server(tmp_path: Path) -> Iterator[TapServer]:
    made = TapServer(tmp_path / "tap.sock")
    made.start()
    yield made


def wait_for(fan: StreamFan, readers: int) -> None:
    for _ in range(500):
        if len(fan._all) == readers:
            return
        time.sleep(0.01)
    raise AssertionError(f"{len(fan._all)} readers instead of {readers}")


def tap_threads() -> int:
    return sum(thread.name in ("tap-send", "tap-read") for thread in threading.enumerate())


def test_a_reader_who_stands_still_loses_whole_gops_and_the_recorder_nothing(
    tmp_path: Path, server: TapServer
) -> None:
    rig = RecordingRig(tmp_path)
    fan = server.fan("door", StreamName.MAIN)
    before = tap_threads()
    asleep, awake = Reader(tmp_path / "tap.sock"), Reader(tmp_path / "tap.sock")
    seen: list[FromTap] = []
    reading = threading.Thread(target=lambda: seen.extend(awake.read_all(PICTURES - 1)))
    reading.start()
    wait_for(fan, 2)
    consumers = list(fan._all)
    fan.format(FORMAT)
    rig.gate.begin_session("run")
    rig.gate.format(FORMAT)
    timeline, slowest, most = Timeline(), 0.0, 0
    for number in range(PICTURES):
        packet = picture(number)
        rig.clock.advance(1 / FPS)
        placed = timeline.place(packet)
        begun = time.thread_time()
        fan.packet(packet, placed.wall)
        slowest = max(slowest, time.thread_time() - begun)
        rig.gate.add(placed)
        most = max(most, *(consumer.waiting_bytes for consumer in consumers))
        if number % 10 == 0:
            time.sleep(0.005)
    reading.join(20.0)
    rig.gate.stop()
    rig.flusher.run_once()

    assert sum(segment.frames for segment in rig.segments()) == PICTURES
    assert most <= tap_module.LARGEST_QUEUE_BYTES + tap_module.LARGEST_SEND_BYTES
    assert slowest < 0.1
    assert fan.losses > 0
    numbers = [message.pts for message in seen if isinstance(message, TapPacket)]
    _whole_gops(seen, numbers)
    late = asleep.read_all(_last_queued(consumers))
    _whole_gops(late, [message.pts for message in late if isinstance(message, TapPacket)])

    asleep.socket.close()
    awake.socket.close()
    wait_for(fan, 0)
    assert [consumer.waiting_bytes for consumer in consumers] == [0, 0]
    for _ in range(500):
        if tap_threads() == before:
            break
        time.sleep(0.01)
    assert tap_threads() == before
    rig.close()


def _whole_gops(seen: list[FromTap], numbers: list[int]) -> None:
    """Where something is missing, the reader was told, and a key frame follows."""
    jumps = [two for one, two in pairwise(numbers) if two != one + 1]
    assert all(number % GOP == 0 for number in jumps)
    assert sum(isinstance(message, TapLoss) for message in seen) == len(jumps)


def _last_queued(consumers: list[tap_module.Consumer]) -> int:
    """The newest picture that waits for the one who sleeps."""
    unpacker: Unpacker[FromTap] = Unpacker(FromTap)
    slow = max(consumers, key=lambda consumer: consumer.waiting_bytes)
    with slow._changed:
        queued = list(slow._queue)
    found = [message for body in queued for message in unpacker.feed(body)]
    return max(message.pts for message in found if isinstance(message, TapPacket))


def test_a_gop_without_end_is_not_kept() -> None:
    fan = StreamFan("door", StreamName.MAIN)
    fan.format(FORMAT)
    for number in range(1, 200):
        packet = picture(number)
        fan.packet(
            Packet(packet.data, number, number, packet.time_base, number == 1, Track.VIDEO, packet.arrival),
            packet.arrival,
        )
    assert sum(len(packet.data) for packet, _ in fan._gop.items) <= newest_group.LARGEST_GROUP_BYTES
    assert not fan._gop
