"""What every source driver must do (`wachtel.sources.api`), as tests that a driver's author inherits.

::

    class TestMySource(SourceContract):
        @pytest.fixture
        def driver(self) -> SourceDriver: ...

        @pytest.fixture
        def camera(self) -> Iterator[CameraUnderTest]: ...
"""

import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice, pairwise

import pytest

from wachtel.base.clock import Clock, SystemClock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.stream import Codec, Packet, StreamFormat, Track
from wachtel.protocols.camera_url import DEFAULT_PORTS, CameraUrl, parse_camera_url
from wachtel.sources.api import MediaSource, SourceDriver, SourceOptions

PACKETS = 25
"""So many items of a stream are looked at; the camera should send them within a few seconds."""

IMPATIENT_S = 0.5
CLOSES_WITHIN_S = 1.0
ENDS_WITHIN_S = 10.0
SLACK_S = 5.0

NO_CONNECTION = frozenset({ErrorKind.REFUSED, ErrorKind.UNREACHABLE, ErrorKind.TIMEOUT})
NOBODY_THERE = NO_CONNECTION | {ErrorKind.NOT_A_CAMERA}
ENDINGS = NO_CONNECTION | {ErrorKind.STREAM_ENDED, ErrorKind.STALLED, ErrorKind.BAD_DATA}
SECRET = "hidden-canary"
WITH_PARAMETER_SETS = frozenset({Codec.H264, Codec.H265})


@dataclass(frozen=True, slots=True)
class CameraUnderTest:
    """A camera on this machine that sends until ``vanish`` is called; afterwards nobody answers at its address."""

    url: str
    vanish: Callable[[], None]


class SourceContract(ABC):
    """Inherit, fill in the two fixtures, and run pytest."""

    @pytest.fixture
    @abstractmethod
    def driver(self) -> SourceDriver:
        """The driver under test."""

    @pytest.fixture
    @abstractmethod
    def camera(self) -> Iterator[CameraUnderTest]:
        """A running camera at a loopback address; it sends video without end, with a key frame at least every 2 s."""

    @pytest.fixture
    def clock(self) -> Clock:
        """The machine's clock: a driver talks to a real socket."""
        return SystemClock()

    @pytest.fixture
    def options(self) -> SourceOptions:
        """How to connect."""
        return SourceOptions(allow_local=True, stall_timeout_s=ENDS_WITHIN_S / 2)

    @pytest.fixture
    def source(
        self, driver: SourceDriver, camera: CameraUnderTest, options: SourceOptions, clock: Clock
    ) -> Iterator[MediaSource]:
        """An open connection to the camera."""
        opened = driver.open(parse_camera_url(camera.url), options, clock)
        yield opened
        opened.close()

    def test_schemes_are_ones_that_a_camera_url_can_have(self, driver: SourceDriver) -> None:
        assert driver.schemes and driver.schemes <= DEFAULT_PORTS.keys()

    def test_a_format_comes_before_the_packets_it_is_true_of(self, source: MediaSource) -> None:
        first = next(iter(source.packets()))
        assert isinstance(first, StreamFormat)
        assert first.video.width > 0 and first.video.height > 0
        assert bool(first.video.parameter_sets) == (first.video.codec in WITH_PARAMETER_SETS)

    def test_video_begins_with_a_key_frame(self, source: MediaSource) -> None:
        video = [packet for packet in _packets(source) if packet.track is Track.VIDEO]
        assert video[0].key

    def test_decode_times_rise_within_a_track(self, source: MediaSource) -> None:
        packets = _packets(source)
        for track in {packet.track for packet in packets}:
            times = [packet.dts * packet.time_base for packet in packets if packet.track is track]
            assert all(earlier < later for earlier, later in pairwise(times))
        assert all(packet.pts >= packet.dts and packet.time_base > 0 for packet in packets)

    def test_packets_own_their_bytes_and_know_when_they_came(
        self, driver: SourceDriver, camera: CameraUnderTest, options: SourceOptions, clock: Clock
    ) -> None:
        began = clock.wall_us()
        source = driver.open(parse_camera_url(camera.url), options, clock)
        packets = _packets(source)
        source.close()
        assert all(type(packet.data) is bytes and packet.data for packet in packets)
        arrivals = [packet.arrival for packet in packets]
        assert began <= arrivals[0] and arrivals == sorted(arrivals) and arrivals[-1] <= clock.wall_us()

    def test_closing_from_another_thread_ends_the_packets_quietly(self, source: MediaSource) -> None:
        reader = _Reader(source)
        reader.wait_for_packets(3)
        source.close()
        assert reader.ended(CLOSES_WITHIN_S) and reader.error is None

    def test_closing_twice_and_before_reading_is_harmless(self, source: MediaSource) -> None:
        source.close()
        source.close()
        reader = _Reader(source)
        assert reader.ended(CLOSES_WITHIN_S) and reader.error is None

    def test_a_camera_that_vanishes_is_an_error_never_a_good_end(
        self, source: MediaSource, camera: CameraUnderTest
    ) -> None:
        reader = _Reader(source)
        reader.wait_for_packets(3)
        camera.vanish()
        assert reader.ended(ENDS_WITHIN_S + SLACK_S)
        assert reader.error is not None and reader.error.kind in ENDINGS and reader.error.retryable

    def test_a_closed_port_is_said_in_words_without_the_password(
        self, driver: SourceDriver, options: SourceOptions, clock: Clock
    ) -> None:
        for scheme in driver.schemes:
            url = CameraUrl(scheme, "127.0.0.1", _closed_port(), "/stream", "anna", SECRET)
            with pytest.raises(WachtelError) as raised:
                driver.open(url, options, clock)
            assert raised.value.kind in NO_CONNECTION and raised.value.hint
            assert SECRET not in f"{raised.value} {raised.value.details}"

    def test_silence_after_connecting_ends_in_time(self, driver: SourceDriver, clock: Clock) -> None:
        impatient = SourceOptions(
            allow_local=True, connect_timeout_s=IMPATIENT_S, stall_timeout_s=IMPATIENT_S
        )
        for scheme in driver.schemes:
            with socket.create_server(("127.0.0.1", 0)) as silent:
                url = CameraUrl(scheme, "127.0.0.1", silent.getsockname()[1], "/stream")
                began = clock.monotonic_s()
                with pytest.raises(WachtelError) as raised:
                    driver.open(url, impatient, clock)
                assert raised.value.kind in NOBODY_THERE
                assert clock.monotonic_s() - began < 4 * IMPATIENT_S + SLACK_S

    def test_an_address_of_this_machine_needs_the_users_word(
        self, driver: SourceDriver, camera: CameraUnderTest, clock: Clock
    ) -> None:
        with pytest.raises(WachtelError) as raised:
            driver.open(parse_camera_url(camera.url), SourceOptions(allow_local=False), clock)
        assert raised.value.kind is ErrorKind.FORBIDDEN_URL


def _packets(source: MediaSource) -> list[Packet]:
    found = [item for item in islice(source.packets(), PACKETS) if isinstance(item, Packet)]
    assert len(found) > PACKETS // 2
    return found


def _closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


class _Reader:
    """Reads a source in a thread of its own, as the recorder does."""

    def __init__(self, source: MediaSource) -> None:
        self.error: WachtelError | None = None
        self._source = source
        self._count = 0
        self._more = threading.Condition()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        try:
            for _ in self._source.packets():
                with self._more:
                    self._count += 1
                    self._more.notify()
        except WachtelError as error:
            self.error = error

    def wait_for_packets(self, count: int) -> None:
        with self._more:
            assert self._more.wait_for(lambda: self._count > count, ENDS_WITHIN_S)

    def ended(self, within_s: float) -> bool:
        self._thread.join(within_s)
        return not self._thread.is_alive()
