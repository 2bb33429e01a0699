"""The RTSP source against the fake camera: every transport, both log-ins, and the ways a stream ends."""

import time
from collections.abc import Iterator
from itertools import islice, pairwise
from pathlib import Path
from threading import Thread

import av
import pytest

from wachtel.base.clock import SystemClock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.media.video import to_annexb
from wachtel.model.camera import Transport
from wachtel.model.stream import Codec, Packet, StreamFormat, Track
from wachtel.protocols.camera_url import parse_camera_url
from wachtel.protocols.http_auth import AuthScheme
from wachtel.sources.api import MediaSource, SourceOptions
from wachtel.sources.rtsp import driver
from wachtel.testing.fake_camera.options import FakeCameraOptions, FaultName
from wachtel.testing.fake_camera.threaded import ThreadedFakeCamera

LOCAL = SourceOptions(allow_local=True)
PICTURES = 45
FPS = 30


def draw(path: Path, codec: str, options: dict[str, str], pictures: int = PICTURES) -> Path:
    """A short film: a bright bar that walks."""
    with av.open(str(path), "w") as film:
        stream = film.add_stream(codec, rate=FPS, options=options)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for number in range(pictures):
            frame = av.VideoFrame(320, 240, "yuv420p")
            for plane in frame.planes:
                plane.update(bytes([(number * 5) % 256]) * plane.buffer_size)
            frame.pts = number
            film.mux(stream.encode(frame))
        film.mux(stream.encode(None))
    return path


@pytest.fixture(scope="session")
def h264(tmp_path_factory: pytest.TempPathFactory) -> Path:
    options = {"tune": "zerolatency", "preset": "ultrafast", "g": "15", "sc_threshold": "0"}
    return draw(tmp_path_factory.mktemp("film") / "h264.mp4", "libx264", options)


@pytest.fixture(scope="session")
def b_pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    options = {"preset": "fast", "g": "30", "bf": "3", "b_strategy": "0", "sc_threshold": "0"}
    return draw(tmp_path_factory.mktemp("film") / "b.mp4", "libx264", options)


@pytest.fixture(scope="session")
def h265(tmp_path_factory: pytest.TempPathFactory) -> Path:
    options = {"preset": "ultrafast", "x265-params": "keyint=15:bframes=0:log-level=none"}
    return draw(tmp_path_factory.mktemp("film") / "h265.mp4", "libx265", options)


@pytest.fixture
def camera(h264: Path) -> Iterator[ThreadedFakeCamera]:
    with ThreadedFakeCamera(h264, None, FakeCameraOptions(loop=True)) as running:
        yield running


def open_source(url: str, options: SourceOptions = LOCAL) -> MediaSource:
    return driver.open(parse_camera_url(url), options, SystemClock())


def take(source: MediaSource, count: int) -> list[StreamFormat | Packet]:
    try:
        return list(islice(source.packets(), count))
    finally:
        source.close()


def decode(items: list[StreamFormat | Packet]) -> list[int]:
    """The presentation times of the pictures that a decoder makes of it; errors of the stream raise."""
    form = next(item for item in items if isinstance(item, StreamFormat))
    decoder = av.CodecContext.create({Codec.H264: "h264", Codec.H265: "hevc"}[form.video.codec], "r")
    assert isinstance(decoder, av.VideoCodecContext)
    decoder.options = {"err_detect": "explode"}
    shown: list[int] = []
    packets = [item for item in items if isinstance(item, Packet)]
    for packet in [*packets, None]:
        data = None if packet is None else av.Packet(to_annexb(form.video, packet.data, packet.key))
        if data is not None and packet is not None:
            data.pts, data.dts = packet.pts, packet.dts
        shown += [frame.pts for frame in decoder.decode(data) if frame.pts is not None]
    return shown


@pytest.mark.parametrize("transport", list(Transport))
@pytest.mark.parametrize("film", ["h264", "h265", "b_pictures"])
def test_every_kind_of_stream_decodes(
    film: str, transport: Transport, request: pytest.FixtureRequest
) -> None:
    with ThreadedFakeCamera(request.getfixturevalue(film), None, FakeCameraOptions(loop=True)) as camera:
        items = take(open_source(camera.main_url, SourceOptions(transport=transport, allow_local=True)), 40)
    assert isinstance(items[0], StreamFormat)
    assert (items[0].video.width, items[0].video.height) == (320, 240)
    packets = [item for item in items if isinstance(item, Packet)]
    assert packets[0].key and len(packets) == 39
    dts = [packet.dts for packet in packets]
    assert dts == sorted(set(dts)), "decode times rise"
    assert all(packet.dts <= packet.pts for packet in packets)
    shown = decode(items)
    assert len(shown) >= 36 and shown == sorted(shown)
    steps = {later - earlier for earlier, later in pairwise(shown)}
    assert steps == {90_000 // FPS}


@pytest.mark.parametrize("scheme", list(AuthScheme))
def test_both_log_ins(h264: Path, scheme: AuthScheme) -> None:
    options = FakeCameraOptions(user="admin", password="p@ss:w/rd#1", auth=scheme, loop=True)
    with ThreadedFakeCamera(h264, None, options) as camera:
        assert len(take(open_source(camera.url_with_credentials(camera.main_url)), 3)) == 3
        for url in (camera.main_url, camera.main_url.replace("//", "//admin:wrong@")):
            with pytest.raises(WachtelError) as caught:
                open_source(url)
            assert caught.value.kind is ErrorKind.WRONG_PASSWORD
            assert "wrong" not in str(caught.value)


def test_a_missing_path(camera: ThreadedFakeCamera) -> None:
    with pytest.raises(WachtelError) as caught:
        open_source(camera.main_url + "-elsewhere")
    assert caught.value.kind is ErrorKind.NO_SUCH_STREAM


def test_a_dropped_connection_is_a_fault(camera: ThreadedFakeCamera) -> None:
    source = open_source(camera.main_url)
    with pytest.raises(WachtelError) as caught:
        for number, _ in enumerate(source.packets()):
            if number == 5:
                camera.apply(FaultName.DROP)
    assert caught.value.kind is ErrorKind.STREAM_ENDED
    assert caught.value.retryable


@pytest.mark.parametrize("transport", list(Transport))
@pytest.mark.parametrize("fault", [FaultName.STALL, FaultName.SILENT])
def test_a_camera_that_falls_silent_is_a_fault(
    camera: ThreadedFakeCamera, fault: FaultName, transport: Transport
) -> None:
    source = open_source(
        camera.main_url, SourceOptions(transport=transport, stall_timeout_s=1, allow_local=True)
    )
    with pytest.raises(WachtelError) as caught:
        for number, _ in enumerate(source.packets()):
            if number == 5:
                camera.apply(fault)
    assert caught.value.kind is ErrorKind.STALLED


def test_the_end_of_a_film_is_a_fault_too(h264: Path) -> None:
    with (
        ThreadedFakeCamera(h264, None, FakeCameraOptions()) as camera,
        pytest.raises(WachtelError) as caught,
    ):
        for _ in open_source(camera.main_url).packets():
            pass
    assert caught.value.kind is ErrorKind.STREAM_ENDED


@pytest.mark.parametrize("transport", list(Transport))
def test_close_from_another_thread_ends_within_a_second(
    camera: ThreadedFakeCamera, transport: Transport
) -> None:
    source = open_source(
        camera.main_url, SourceOptions(transport=transport, stall_timeout_s=60, allow_local=True)
    )
    packets = source.packets()
    next(packets)
    camera.apply(FaultName.STALL)
    reader = Thread(target=lambda: list(packets))
    reader.start()
    began = time.monotonic()
    source.close()
    source.close()
    reader.join(5)
    assert not reader.is_alive()
    assert time.monotonic() - began < 1


def test_a_source_that_nobody_reads_can_be_closed(camera: ThreadedFakeCamera) -> None:
    source = open_source(camera.main_url)
    source.close()
    assert list(source.packets()) == []


def test_sound_comes_only_when_asked_for(tmp_path: Path, h264: Path) -> None:
    film = add_sound(h264, tmp_path / "sound.mp4")
    with ThreadedFakeCamera(film, None, FakeCameraOptions(loop=True)) as camera:
        silent = take(open_source(camera.main_url), 20)
        loud = take(open_source(camera.main_url, SourceOptions(audio=True, allow_local=True)), 60)
    assert isinstance(silent[0], StreamFormat) and silent[0].audio is None
    assert all(item.track is Track.VIDEO for item in silent if isinstance(item, Packet))
    first = loud[0]
    assert isinstance(first, StreamFormat) and first.audio is not None
    assert (first.audio.codec, first.audio.sample_rate) == (Codec.AAC, 48_000)
    sound = [item for item in loud if isinstance(item, Packet) and item.track is Track.AUDIO]
    assert {later.pts - earlier.pts for earlier, later in pairwise(sound)} == {1024}
    picture = [item for item in loud if isinstance(item, Packet) and item.track is Track.VIDEO]
    apart = abs(float(sound[-1].pts * sound[-1].time_base) - float(picture[-1].pts * picture[-1].time_base))
    assert apart < 0.2


def add_sound(film: Path, path: Path) -> Path:
    """The film with a tone."""
    with av.open(str(film)) as source, av.open(str(path), "w") as target:
        picture = target.add_stream_from_template(source.streams.video[0])
        tone = target.add_stream("aac", rate=48_000, layout="mono")
        assert isinstance(tone, av.AudioStream)
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = picture
                target.mux(packet)
        for number in range(PICTURES * 48_000 // FPS // 1024):
            frame = av.AudioFrame("fltp", "mono", 1024)
            frame.planes[0].update(bytes(frame.planes[0].buffer_size))
            frame.sample_rate, frame.pts = 48_000, number * 1024
            target.mux(tone.encode(frame))
        target.mux(tone.encode(None))
    return path
