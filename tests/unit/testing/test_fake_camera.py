import asyncio
import wave
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import av
import pytest
from rtsp_test_client import RtspTestClient

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.media import h264, nal
from wachtel.model.stream import Codec
from wachtel.protocols.http_auth import AuthScheme
from wachtel.protocols.rtp_receive.nal import H264Depacketizer
from wachtel.protocols.rtp_receive.packet import RtpPacket
from wachtel.protocols.rtp_receive.rtcp import read_sender_report, says_goodbye
from wachtel.protocols.sdp import parse_sdp
from wachtel.testing.clock import FakeClock
from wachtel.testing.fake_camera.camera import FakeCamera
from wachtel.testing.fake_camera.options import FakeCameraOptions, Fault, FaultName
from wachtel.testing.fake_camera.programme import load_programme
from wachtel.testing.sample_film import SampleFilm, make_film

FRAMES, FPS, GOP = 40, 10, 10
FILM_S = FRAMES / FPS


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_film(tmp_path_factory.mktemp("film") / "film.mp4")


@pytest.fixture(scope="module")
def film_with_sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_film(tmp_path_factory.mktemp("film") / "sound.mov", SampleFilm(audio=Codec.PCMA))


@asynccontextmanager
async def camera_of(
    film: Path, sub: Path | None = None, **options: object
) -> AsyncIterator[tuple[FakeCamera, FakeClock]]:
    clock = FakeClock()
    async with FakeCamera(film, sub, FakeCameraOptions(**options), clock) as camera:  # type: ignore[arg-type]
        yield camera, clock


async def run(clock: FakeClock, seconds: float) -> None:
    """Lets time pass in small steps, and everybody do their work in between."""
    for _ in range(round(seconds * 20)):
        clock.advance(0.05)
        for _ in range(5):
            await asyncio.sleep(0)


def pictures_of(packets: list[RtpPacket]) -> list[tuple[bytes, ...]]:
    unpacker = H264Depacketizer()
    return [access.units for packet in packets for access in unpacker.push(packet)]


def pictures_in(film: Path) -> Iterator[tuple[bytes, ...]]:
    with av.open(film.as_posix()) as container:
        video = container.streams.video[0]
        sets, size = h264.read_decoder_configuration(video.codec_context.extradata or b"")
        for packet in container.demux(video):
            if packet.size:
                units = nal.split_lengths(bytes(packet), size)
                yield (*sets, *units) if packet.is_keyframe else tuple(units)


def test_every_nal_unit_of_the_file_arrives_when_it_is_due(film: Path) -> None:
    async def scenario() -> None:
        async with camera_of(film) as (camera, clock), RtspTestClient(camera.main_url) as client:
            assert (await client.play()).status == 200
            await run(clock, 1.02)
            timestamps = {packet.timestamp for packet in client.rtp()}
            assert len(timestamps) in (10, 11)
            await run(clock, FILM_S)
            await client.end()
            packets = client.rtp()
            assert pictures_of(packets) == list(pictures_in(film))
            first = packets[0]
            assert [packet.sequence for packet in packets] == [
                (first.sequence + number) & 0xFFFF for number in range(len(packets))
            ]
            shown = sorted({(packet.timestamp - first.timestamp) & 0xFFFFFFFF for packet in packets})
            assert shown == [9000 * number for number in range(FRAMES)]

    asyncio.run(scenario())


def test_the_description_and_the_answer_to_play(film_with_sound: Path) -> None:
    async def scenario() -> None:
        async with camera_of(film_with_sound) as (camera, clock), RtspTestClient(camera.main_url) as client:
            assert "DESCRIBE" in ((await client.ask("OPTIONS")).headers.get("Public") or "")
            described = await client.ask("DESCRIBE")
            read = parse_sdp(described.body, described.headers.get("Content-Base") or "")
            assert [(track.codec, track.control) for track in read.media] == [
                (Codec.H264, f"{camera.main_url}/trackID=0"),
                (Codec.PCMA, f"{camera.main_url}/trackID=1"),
            ]
            assert read.media[0].frame_rate == FPS and len(read.media[0].parameter_sets()) == 2
            await client.setup(0)
            await client.setup(1, "RTP/AVP/TCP;unicast;interleaved=4-5")
            played = await client.play()
            assert (played.headers.get("RTP-Info") or "").count("rtptime=") == 2
            await run(clock, 1)
            assert len(client.rtp(4)) in (50, 51)
            assert len(client.rtp(4)[0].payload) == 160
            reports = [read_sender_report(data) for channel, data in client.packets if channel in (1, 5)]
            assert len(reports) >= 2 and all(report is not None for report in reports)

    asyncio.run(scenario())


def test_who_joins_later_begins_with_the_newest_key_frame_at_once(film: Path) -> None:
    async def scenario() -> None:
        async with camera_of(film) as (camera, clock), RtspTestClient(camera.main_url) as first:
            await first.play()
            await run(clock, 1.46)
            async with RtspTestClient(camera.main_url) as second:
                await second.play()
                pictures = list(pictures_in(film))
                expected = sum(len(one) for one in pictures[GOP:15])
                seen = pictures_of(await second.packets_on(0, expected))
                assert seen == pictures[GOP:15]
                assert second.rtp()[0].timestamp - first.rtp()[0].timestamp == 90_000

    asyncio.run(scenario())


def test_main_and_sub_run_on_one_clock_that_starts_with_the_first_play(film: Path) -> None:
    async def scenario() -> None:
        async with camera_of(film, film) as (camera, clock):
            await run(clock, 5)
            assert camera.state.first_play_s is None and camera.sub_url is not None
            async with RtspTestClient(camera.main_url) as main, RtspTestClient(camera.sub_url) as sub:
                await main.play()
                await run(clock, 2.06)
                assert camera.media_time_s == pytest.approx(2.05, abs=0.06)
                await sub.play()
                await sub.packets_on(0, 3)
                assert sub.rtp()[0].sequence != main.rtp()[0].sequence
                assert pictures_of(sub.rtp())[0] == list(pictures_in(film))[20]

    asyncio.run(scenario())


def test_a_loop_goes_on_rising(film: Path) -> None:
    async def scenario() -> None:
        async with camera_of(film, loop=True) as (camera, clock), RtspTestClient(camera.main_url) as client:
            await client.play()
            await run(clock, FILM_S * 2.5)
            packets = client.rtp()
            steps = {(after.timestamp - before.timestamp) & 0xFFFFFFFF for before, after in pairwise(packets)}
            assert steps <= {0, 9000}
            assert pictures_of(packets)[FRAMES : 2 * FRAMES] == list(pictures_in(film))

    asyncio.run(scenario())


def test_at_the_end_sessions_close_and_play_is_404(film: Path) -> None:
    async def scenario() -> None:
        async with camera_of(film) as (camera, clock), RtspTestClient(camera.main_url) as client:
            await client.play()
            await run(clock, FILM_S + 0.2)
            await client.end()
            assert any(says_goodbye(data) for channel, data in client.packets if channel == 1)
            assert camera.state.ended and camera.state.sessions[0].closed
            async with RtspTestClient(camera.main_url) as late:
                assert (await late.ask("DESCRIBE")).status == 200
                assert (await late.play()).status == 404

    asyncio.run(scenario())


def test_requests_that_make_no_sense(film: Path) -> None:
    async def scenario() -> None:
        async with camera_of(film) as (camera, _), RtspTestClient(camera.main_url) as client:
            base = camera.main_url.removesuffix("main")
            assert camera.sub_url is None
            for uri in (base + "sub", base + "nothing", base, base + "main/../etc", "*"):
                assert (await client.ask("DESCRIBE", uri)).status == 404
            assert (await client.ask("PAUSE")).status == 405
            assert (await client.ask("PLAY")).status == 454
            assert (await client.ask("TEARDOWN", None, ("Session", "1"))).status == 454
            assert (await client.setup(0, "RTP/AVP;multicast")).status == 461
            assert (await client.setup(7)).status == 404
            assert (await client.setup(0)).status == 200
            assert (await client.ask("GET_PARAMETER")).status == 200
            assert (await client.ask("TEARDOWN")).status == 200
            assert (await client.ask("GET_PARAMETER")).status == 454

    asyncio.run(scenario())


@pytest.mark.parametrize("auth", AuthScheme)
def test_only_the_right_password_opens(film: Path, auth: AuthScheme) -> None:
    async def scenario() -> None:
        async with camera_of(film, user="ada", password="se:cret", auth=auth) as (camera, _):
            assert camera.url_with_credentials(camera.main_url).startswith("rtsp://ada:se%3Acret@")
            async with RtspTestClient(camera.main_url) as client:
                assert (await client.ask("OPTIONS")).status == 200
                assert (await client.ask("DESCRIBE", None, ("Authorization", "Nonsense"))).status == 401
                assert (await client.ask_with_password("DESCRIBE", "ada", "wrong")).status == 401
                assert (await client.ask_with_password("DESCRIBE", "eve", "se:cret")).status == 401
                assert (await client.ask_with_password("DESCRIBE", "ada", "se:cret")).status == 200
                assert camera.state.refused == 6

    asyncio.run(scenario())


def test_a_drop_cuts_and_lets_come_again(film: Path) -> None:
    async def scenario() -> None:
        async with camera_of(film, faults=(Fault(FaultName.DROP, 1.0),)) as (camera, clock):
            async with RtspTestClient(camera.main_url) as client:
                await client.play()
                await run(clock, 1.1)
                await client.end()
            async with RtspTestClient(camera.main_url) as again:
                await again.play()
                assert pictures_of(await again.packets_on(0, 3))[0] == list(pictures_in(film))[GOP]

    asyncio.run(scenario())


def test_a_stall_mutes_the_playing_sessions_only(film: Path) -> None:
    async def scenario() -> None:
        async with (
            camera_of(film, faults=(Fault.parse("stall:1"),)) as (camera, clock),
            RtspTestClient(camera.main_url) as client,
        ):
            await client.play()
            await run(clock, 1.2)
            before = len(client.packets)
            await run(clock, 1)
            assert len(client.packets) == before and not client.closed
            assert (await client.ask("GET_PARAMETER")).status == 200
            assert camera.state.sessions[0].packets_left_out > 0
            async with RtspTestClient(camera.main_url) as again:
                await again.play()
                await again.packets_on(0, 1)

    asyncio.run(scenario())


def test_a_silent_camera_answers_nobody_until_it_recovers(film: Path) -> None:
    async def scenario() -> None:
        async with (
            camera_of(film, faults=(Fault.parse("silent:1:1.5"),)) as (camera, clock),
            RtspTestClient(camera.main_url) as client,
        ):
            await client.play()
            await run(clock, 1.2)
            before = len(client.packets)
            async with RtspTestClient(camera.main_url) as other:
                other.send("OPTIONS")
                await run(clock, 1)
                assert len(client.packets) == before and not client.closed
                assert camera.state.connections == 2 and "OPTIONS main" not in camera.state.requests
                await run(clock, 0.5)
                assert (await other.ask("OPTIONS")).status == 200

    asyncio.run(scenario())


def test_a_session_nobody_keeps_alive_is_forgotten(film: Path) -> None:
    async def scenario() -> None:
        options = {"loop": True, "session_timeout_s": 10.0}
        async with (
            camera_of(film, None, **options) as (camera, clock),
            RtspTestClient(camera.main_url) as client,
        ):
            assert ";timeout=10" in ((await client.setup()).headers.get("Session") or "")
            await client.play()
            await run(clock, 8)
            assert (await client.ask("GET_PARAMETER")).status == 200
            await run(clock, 8)
            assert not client.closed
            await run(clock, 5)
            await client.end()
            assert camera.state.sessions[0].closed

    asyncio.run(scenario())


def test_rubbish_ends_the_connection(film: Path) -> None:
    async def scenario() -> None:
        async with camera_of(film) as (camera, _):
            reader, writer = await asyncio.open_connection(camera.options.host, camera.port)
            writer.write(b"GET / nonsense\r\n\r\n")
            assert await reader.read() == b""
            writer.close()

    asyncio.run(scenario())


@pytest.mark.parametrize("text", ["drop", "drop:", "drop:-1", "melt:3", "drop:1:2:3", ""])
def test_faults_nobody_knows(text: str) -> None:
    with pytest.raises(WachtelError, match="no fault") as caught:
        Fault.parse(text)
    assert caught.value.kind is ErrorKind.INVALID


def test_files_that_cannot_be_played(tmp_path: Path) -> None:
    text = tmp_path / "text.mp4"
    text.write_text("no film")
    without_video = tmp_path / "sound.wav"
    with wave.open(str(without_video), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(1000))
    cases = [
        (tmp_path / "nothing.mp4", ErrorKind.NOT_FOUND),
        (text, ErrorKind.INVALID),
        (without_video, ErrorKind.INVALID),
    ]
    for path, kind in cases:
        with pytest.raises(WachtelError) as caught:
            asyncio.run(FakeCamera(path).open())
        assert caught.value.kind is kind


def test_files_no_camera_would_send_are_encoded_again(tmp_path: Path) -> None:
    pictures = make_film(tmp_path / "pictures.avi", SampleFilm(codec=Codec.MJPEG))
    programme = load_programme(pictures)
    assert [track.codec for track in programme.tracks] == [Codec.H264]
    assert [unit.at_s for unit in programme.units if unit.key] == [0.0, 2.0]
    assert len(programme.units) == 40 and programme.duration_s == 4.0


def test_b_frames_in_avi_are_encoded_again(tmp_path: Path) -> None:
    programme = load_programme(make_film(tmp_path / "b.avi", SampleFilm(b_frames=2)))
    assert [float(unit.shown_s) for unit in programme.units] == pytest.approx(
        [number / 10 for number in range(40)]
    )


def test_pictures_out_of_order_keep_their_times(tmp_path: Path) -> None:
    programme = load_programme(make_film(tmp_path / "b.mp4", SampleFilm(b_frames=2)))
    shown = [float(unit.shown_s) for unit in programme.units]
    assert shown != sorted(shown)
    assert sorted(shown) == pytest.approx([0.2 + number / 10 for number in range(40)])
    assert all(unit.shown_s >= unit.at_s for unit in programme.units)
