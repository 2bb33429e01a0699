"""What the RTSP source makes of cameras that go wrong in mid-stream."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import av
import pytest

from wachtel.base.clock import SystemClock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.media.video import to_annexb
from wachtel.model.camera import Transport
from wachtel.model.stream import Packet, StreamFormat
from wachtel.protocols.camera_url import parse_camera_url
from wachtel.sources.api import SourceOptions
from wachtel.sources.rtsp import driver
from wachtel.sources.rtsp.source import RtspSource
from wachtel.testing.fake_camera.options import FakeCameraOptions, Fault, FaultName
from wachtel.testing.fake_camera.threaded import ThreadedFakeCamera
from wachtel.testing.sample_film import SampleFilm, make_film

FPS = 30
Item = StreamFormat | Packet


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two megabits a second, so that pictures span packets and some are lost."""
    sample = SampleFilm(seconds=4, fps=FPS, gop=15, width=640, height=360, bit_rate=2_000_000, noise=20)
    return make_film(tmp_path_factory.mktemp("film") / "film.mp4", sample)


@pytest.fixture
def camera(film: Path) -> Iterator[ThreadedFakeCamera]:
    with ThreadedFakeCamera(film, None, FakeCameraOptions(loop=True)) as running:
        yield running


def run(
    camera: ThreadedFakeCamera, fault: FaultName | None, count: int, transport: Transport = Transport.TCP
) -> tuple[list[Item], RtspSource]:
    """What comes in all when the fault happens after twenty items."""
    options = SourceOptions(transport, stall_timeout_s=1.5, allow_local=True)
    source = driver.open(parse_camera_url(camera.main_url), options, SystemClock())
    assert isinstance(source, RtspSource)
    items: list[Item] = []
    try:
        for item in source.packets():
            items.append(item)
            if len(items) == 20 and fault is not None:
                camera.apply(fault)
            if len(items) == count:
                break
    finally:
        source.close()
    return items, source


def decoded(items: list[Item]) -> int:
    """How many pictures a strict decoder makes of it; any damage raises."""
    decoder: av.VideoCodecContext | None = None
    form: StreamFormat | None = None
    pictures = 0
    for item in items:
        if isinstance(item, StreamFormat):
            if decoder is not None:
                pictures += len(decoder.decode(None))
            form, fresh = item, av.CodecContext.create("h264", "r")
            assert isinstance(fresh, av.VideoCodecContext)
            decoder = fresh
            decoder.options = {"err_detect": "explode"}
        else:
            assert decoder is not None and form is not None
            pictures += len(decoder.decode(av.Packet(to_annexb(form.video, item.data, item.key))))
    return pictures + (len(decoder.decode(None)) if decoder is not None else 0)


def packets_of(items: list[Item]) -> list[Packet]:
    return [item for item in items if isinstance(item, Packet)]


@pytest.mark.parametrize("transport", list(Transport))
def test_lost_packets_leave_no_damaged_picture(camera: ThreadedFakeCamera, transport: Transport) -> None:
    items, source = run(camera, FaultName.PACKET_LOSS, 60, transport)
    assert source.lost > 0 and source.dropped > 0
    assert decoded(items) == len(packets_of(items))


def test_a_new_picture_size_is_announced_before_its_key_frame(film: Path) -> None:
    later = FakeCameraOptions(loop=True, faults=(Fault(FaultName.SPS_CHANGE, 0.7),))
    with ThreadedFakeCamera(film, None, later) as camera:
        items, _ = run(camera, None, 60)
    at = [number for number, item in enumerate(items) if isinstance(item, StreamFormat)]
    assert at[0] == 0 and len(at) == 2
    first, second = items[at[0]], items[at[1]]
    assert isinstance(first, StreamFormat) and isinstance(second, StreamFormat)
    assert (first.video.width, second.video.width) == (640, 480)
    following = items[at[1] + 1]
    assert isinstance(following, Packet) and following.key
    assert decoded(items) == len(packets_of(items))


def test_a_clock_that_jumps_an_hour_is_passed_on_as_it_is(camera: ThreadedFakeCamera) -> None:
    """What to make of it is the time line's business; the packets stay whole and in order."""
    packets = packets_of(run(camera, FaultName.CLOCK_JUMP, 50)[0])
    steps = [later.pts - earlier.pts for earlier, later in pairwise(packets)]
    assert sum(step > 3000 * 90_000 for step in steps) == 1
    assert all(packet.dts == packet.pts for packet in packets)
    assert decoded([*run(camera, FaultName.CLOCK_JUMP, 30)[0]]) == 29


def test_timestamps_that_step_back_are_passed_on_as_they_are(camera: ThreadedFakeCamera) -> None:
    packets = packets_of(run(camera, FaultName.DTS_STEP_BACK, 50)[0])
    steps = [later.pts - earlier.pts for earlier, later in pairwise(packets)]
    assert sum(step < 0 for step in steps) == 1
    assert all(packet.dts == packet.pts for packet in packets)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (FaultName.HALF_OPEN, ErrorKind.STALLED),
        (FaultName.TRICKLE, ErrorKind.STALLED),
        (FaultName.ENDLESS_HEADER, ErrorKind.STALLED),
        (FaultName.WRONG_PASSWORD, ErrorKind.STREAM_ENDED),
        (FaultName.FLAP, ErrorKind.STREAM_ENDED),
    ],
)
def test_every_fault_ends_the_stream_with_its_name(
    camera: ThreadedFakeCamera, fault: FaultName, kind: ErrorKind
) -> None:
    with pytest.raises(WachtelError) as caught:
        run(camera, fault, 1000)
    assert caught.value.kind is kind


@pytest.mark.parametrize("fault", [FaultName.HALF_OPEN, FaultName.TRICKLE, FaultName.ENDLESS_HEADER])
def test_a_camera_that_is_already_broken_is_named_in_time(
    camera: ThreadedFakeCamera, fault: FaultName
) -> None:
    camera.apply(fault)
    options = SourceOptions(connect_timeout_s=1, allow_local=True)
    with pytest.raises(WachtelError) as caught:
        driver.open(parse_camera_url(camera.main_url), options, SystemClock())
    assert caught.value.kind in (ErrorKind.TIMEOUT, ErrorKind.NOT_A_CAMERA)
