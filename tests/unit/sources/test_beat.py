"""When streams are read: together and one after the other, or at once."""

import socket
import sys
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wachtel.base.units import MonoS
from wachtel.protocols.camera_url import parse_camera_url
from wachtel.sources import beat as beat_module
from wachtel.sources.address import Endpoint
from wachtel.sources.beat import BEAT_S, SETTLED_AFTER_S, Beat, Turn, next_beat
from wachtel.sources.rtsp.connection import RtspConnection
from wachtel.testing.clock import FakeClock


@given(st.floats(0, 1e8))
def test_beats_come_three_times_a_second(now: float) -> None:
    first = next_beat(MonoS(now))
    assert now < first <= now + BEAT_S + 1e-6
    assert next_beat(first) - first == pytest.approx(BEAT_S, abs=1e-6)


@pytest.mark.parametrize("fps", [5, 6, 7, 10, 12, 12.5, 15, 20, 25, 30])
@pytest.mark.parametrize("phase", [0.0, 0.3, 0.8])
def test_within_a_minute_a_picture_of_any_rate_is_read_nearly_as_it_comes(fps: float, phase: float) -> None:
    interval = 1 / fps
    waits = [(at - phase * interval) % interval for at in beats(60.0)]
    assert min(waits) < 0.01


def beats(seconds: float) -> Iterator[MonoS]:
    at = MonoS(1000.0)
    while (at := next_beat(at)) < 1000.0 + seconds:
        yield at


class PassingTime(FakeClock):
    """Who waits has waited at once."""

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        if not stop.is_set():
            self.advance(seconds)
        return stop.is_set()


@pytest.fixture
def clock() -> PassingTime:
    return PassingTime()


def settled(beat: Beat, clock: FakeClock) -> Turn:
    turn = beat.turn(lambda: False)
    clock.advance(SETTLED_AFTER_S)
    return turn


def test_a_young_session_is_read_at_once(clock: PassingTime) -> None:
    turn = Beat(clock).turn(lambda: False)
    assert not turn.wait(threading.Event())
    clock.advance(SETTLED_AFTER_S - 0.01)
    assert not turn.wait(threading.Event())


def test_who_is_watched_is_read_at_once_for_as_long(clock: PassingTime) -> None:
    watched = [True]
    turn = Beat(clock).turn(lambda: watched[0])
    clock.advance(60.0)
    assert not turn.wait(threading.Event())
    watched[0] = False
    assert turn.wait(threading.Event())
    watched[0] = True
    assert not turn.wait(threading.Event())


def test_all_wait_for_the_same_beat(clock: PassingTime) -> None:
    turn = settled(Beat(clock), clock)
    now = clock.monotonic_s()
    assert turn.wait(threading.Event())
    assert clock.monotonic_s() == pytest.approx(next_beat(now))


def test_who_ends_waits_no_longer(clock: PassingTime) -> None:
    turn = settled(Beat(clock), clock)
    now, ended = clock.monotonic_s(), threading.Event()
    ended.set()
    turn.wait(ended)
    assert clock.monotonic_s() == now


def test_one_after_the_other(clock: PassingTime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beat_module, "PATIENCE_S", 60.0)
    beat = Beat(clock)
    first, second = settled(beat, clock), settled(beat, clock)
    assert first.wait(threading.Event())
    read: list[str] = []
    reader = threading.Thread(
        target=lambda: read.append("second") if second.wait(threading.Event()) else None
    )
    reader.start()
    read.append("first")
    first.over()
    reader.join(60.0)
    assert read == ["first", "second"]


def test_who_hangs_is_not_waited_for(clock: PassingTime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beat_module, "PATIENCE_S", 0.001)
    beat = Beat(clock)
    hanging, other = settled(beat, clock), settled(beat, clock)
    for turn in (hanging, other, other):
        assert turn.wait(threading.Event())
    other.over()
    hanging.over()
    hanging.over()
    assert other.wait(threading.Event())


def test_reading_may_wait_when_all_was_read(clock: PassingTime) -> None:
    camera, ours = socket.socketpair()
    url = parse_camera_url("rtsp://192.0.2.7/main")
    with camera, ours:
        connection = RtspConnection(ours, Endpoint("192.0.2.7", 554, "192.0.2.7"), url, clock)
        assert (connection.patient, connection.ready) == (True, False)
        packet = b"$\0" + (60_000).to_bytes(2, "big") + bytes(60_000)
        sender = threading.Thread(target=camera.sendall, args=(packet * 10,))
        sender.start()
        received = 0
        while received < 10:
            received += len(connection.receive())
        sender.join(5)
        assert (connection.patient, connection.ready) == (True, False)
        camera.sendall(packet)
        assert (connection.patient, connection.ready) == (True, True)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such way to make room")
def test_a_camera_can_go_on_sending_while_nobody_reads(clock: PassingTime) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ours = socket.create_connection(listener.getsockname())
        camera, _ = listener.accept()
        with ours, camera:
            camera.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 14)
            camera.settimeout(10.0)
            url = parse_camera_url("rtsp://192.0.2.7/main")
            connection = RtspConnection(ours, Endpoint("192.0.2.7", 554, "192.0.2.7"), url, clock)
            connection.make_room()
            camera.sendall(bytes(1 << 20))
            assert connection.ready
