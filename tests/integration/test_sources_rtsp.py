"""The RTSP source against the fake camera: every transport, both log-ins, and the ways a stream ends."""

import time
from collections.abc import Callable, Iterator
from functools import lru_cache
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
from wachtel.sources import beat as beat_module
from wachtel.sources.api import MediaSource, SourceOptions
from wachtel.sources.beat import Beat
from wachtel.sources.rtsp import driver
from wachtel.testing.fake_camera.options import FakeCameraOptions, FaultName
from wachtel.testing.fake_camera.threaded import ThreadedFakeCamera
from wachtel.testing.sample_film import SampleFilm, make_film

LOCAL = SourceOptions(allow_local=True)
FPS = 30


FILMS = {
    "h264": SampleFilm(seconds=1.5, fps=FPS, gop=15),
    "b_pictures": SampleFilm(seconds=1.5, fps=FPS, gop=30, b_frames=3),
    "h265": SampleFilm(seconds=1.5, fps=FPS, gop=15, codec=Codec.H265),
    "aac": SampleFilm(audio=Codec.AAC, audio_rate=48_000),
    "pcma": SampleFilm(audio=Codec.PCMA),
    "pcmu": SampleFilm(audio=Codec.PCMU),
}
Films = Callable[[str], Path]


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Films:
    """Films by name, each made once."""
    folder = tmp_path_factory.mktemp("films")
    return lru_cache(lambda name: make_film(folder / f"{name}.mov", FILMS[name]))


@pytest.fixture
def h264(film: Films) -> Path:
    return film("h264")


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
@pytest.mark.parametrize("name", ["h264", "h265", "b_pictures"])
def test_every_kind_of_stream_decodes(name: str, transport: Transport, film: Films) -> None:
    with ThreadedFakeCamera(film(name), None, FakeCameraOptions(loop=True)) as camera:
        items = take(open_source(camera.main_url, SourceOptions(transport=transport, allow_local=True)), 40)
    assert isinstance(items[0], StreamFormat)
    assert (items[0].video.width, items[0].video.height) == (320, 180)
    packets = [item for item in items if isinstance(item, Packet)]
    assert packets[0].key and len(packets) == 39
    dts = [packet.dts for packet in packets]
    assert dts == sorted(set(dts)), "decode times rise"
    assert all(packet.dts <= packet.pts for packet in packets)
    shown = decode(items)
    assert len(shown) >= 36 and shown == sorted(shown)
    whole = shown[:-4]  # the last ones may lack a picture they are between
    steps = {later - earlier for earlier, later in pairwise(whole)}
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


@pytest.fixture
def beat(monkeypatch: pytest.MonkeyPatch) -> Beat:
    """Sessions are settled from the beginning."""
    monkeypatch.setattr(beat_module, "SETTLED_AFTER_S", 0.0)
    return Beat(SystemClock())


def in_beat(beat: Beat, transport: Transport = Transport.TCP) -> SourceOptions:
    return SourceOptions(transport, stall_timeout_s=1, allow_local=True, turn=beat.turn(lambda: False))


@pytest.mark.parametrize("transport", list(Transport))
def test_the_beat_changes_nothing_but_when_pictures_come(
    camera: ThreadedFakeCamera, beat: Beat, transport: Transport
) -> None:
    source = open_source(camera.main_url, in_beat(beat, transport))
    items = take(source, 40)
    assert source.lost == 0
    assert len(decode(items)) == 39
    came = [one.arrival for one in items if isinstance(one, Packet)]
    assert came == sorted(came)
    if transport is Transport.TCP:
        assert len(set(came)) < 0.8 * len(came), "several pictures are read at once"


def test_two_sessions_take_turns(camera: ThreadedFakeCamera, beat: Beat) -> None:
    sources = [open_source(camera.main_url, in_beat(beat)) for _ in range(2)]
    found: list[list[StreamFormat | Packet]] = []
    readers = [Thread(target=lambda one=one: found.append(take(one, 40))) for one in sources]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(20)
    assert [len(items) for items in found] == [40, 40]


@pytest.mark.parametrize("fault", [FaultName.STALL, FaultName.SILENT, FaultName.DROP])
def test_what_is_wrong_is_found_out_in_the_beat_too(
    camera: ThreadedFakeCamera, beat: Beat, fault: FaultName
) -> None:
    source = open_source(camera.main_url, in_beat(beat))
    with pytest.raises(WachtelError) as caught:
        for number, _ in enumerate(source.packets()):
            if number == 5:
                camera.apply(fault)
    wanted = ErrorKind.STREAM_ENDED if fault is FaultName.DROP else ErrorKind.STALLED
    assert caught.value.kind is wanted


def test_a_session_that_ends_gives_its_turn_back(
    camera: ThreadedFakeCamera, beat: Beat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beat_module, "PATIENCE_S", 60.0)
    for _ in range(3):
        assert len(take(open_source(camera.main_url, in_beat(beat)), 10)) == 10


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
    while not camera.state.requests[-1].startswith("TEARDOWN") and time.monotonic() - began < 5:
        time.sleep(0.01)
    assert camera.state.requests[-1].startswith("TEARDOWN")


def test_a_source_that_nobody_reads_can_be_closed(camera: ThreadedFakeCamera) -> None:
    source = open_source(camera.main_url)
    source.close()
    assert list(source.packets()) == []


@pytest.mark.parametrize(
    ("name", "rate", "step"), [("aac", 48_000, 1024), ("pcma", 8000, 0), ("pcmu", 8000, 0)]
)
def test_sound_comes_only_when_asked_for(film: Films, name: str, rate: int, step: int) -> None:
    with ThreadedFakeCamera(film(name), None, FakeCameraOptions(loop=True)) as camera:
        silent = take(open_source(camera.main_url), 5)
        loud = take(open_source(camera.main_url, SourceOptions(audio=True, allow_local=True)), 60)
    assert isinstance(silent[0], StreamFormat) and silent[0].audio is None
    assert all(item.track is Track.VIDEO for item in silent if isinstance(item, Packet))
    first = loud[0]
    assert isinstance(first, StreamFormat) and first.audio is not None
    assert (first.audio.codec, first.audio.sample_rate) == (Codec(name), rate)
    packets = [item for item in loud if isinstance(item, Packet)]
    sound = [packet for packet in packets if packet.track is Track.AUDIO]
    steps = [later.pts - earlier.pts for earlier, later in pairwise(sound)]
    assert all(found == (step or len(packet.data)) for found, packet in zip(steps, sound, strict=False))
    picture = [packet for packet in packets if packet.track is Track.VIDEO]
    apart = float(sound[-1].pts * sound[-1].time_base) - float(picture[-1].pts * picture[-1].time_base)
    assert abs(apart) < 0.2
