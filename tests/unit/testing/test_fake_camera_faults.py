import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from rtsp_test_client import RtspTestClient

from wachtel.media import h264
from wachtel.model.stream import Codec
from wachtel.protocols.rtp_receive.nal import H264Depacketizer
from wachtel.protocols.rtp_receive.rtcp import read_sender_report
from wachtel.testing.clock import FakeClock
from wachtel.testing.fake_camera.camera import FakeCamera
from wachtel.testing.fake_camera.options import FakeCameraOptions, Fault, FaultName
from wachtel.testing.sample_film import SampleFilm, make_film

FPS = 10
FRAME_TICKS = 9000


@pytest.fixture(scope="module", params=["film.mp4", "with-sound.mov"])
def film(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    sound = Codec.PCMA if str(request.param).endswith(".mov") else None
    return make_film(tmp_path_factory.mktemp("film") / request.param, SampleFilm(audio=sound))


@asynccontextmanager
async def camera_of(film: Path, *faults: str) -> AsyncIterator[tuple[FakeCamera, FakeClock]]:
    clock = FakeClock()
    options = FakeCameraOptions(loop=True, faults=tuple(Fault.parse(text) for text in faults))
    async with FakeCamera(film, None, options, clock) as camera:
        yield camera, clock


async def run(clock: FakeClock, seconds: float) -> None:
    for _ in range(round(seconds * 20)):
        clock.advance(0.05)
        for _ in range(5):
            await asyncio.sleep(0)


def timestamp_steps(client: RtspTestClient) -> list[int]:
    """From picture to picture, in ticks, with their sign."""
    steps = [(after.timestamp - before.timestamp) & 0xFFFFFFFF for before, after in pairwise(client.rtp())]
    return [step - (1 << 32) if step >> 31 else step for step in steps if step]


def test_timestamps_step_back_once(film: Path) -> None:
    async def scenario() -> None:
        async with (
            camera_of(film, "dts-step-back:1") as (camera, clock),
            RtspTestClient(camera.main_url) as client,
        ):
            await client.play()
            await run(clock, 6)
            steps = timestamp_steps(client)
            assert [step for step in steps if step < 0] == [-2700]
            assert set(steps) == {-2700, FRAME_TICKS}

    asyncio.run(scenario())


def test_the_clock_jumps_and_takes_the_timestamps_along(film: Path) -> None:
    async def scenario() -> None:
        async with (
            camera_of(film, "clock-jump:1") as (camera, clock),
            RtspTestClient(camera.main_url) as client,
        ):
            await client.play()
            await run(clock, 12)
            steps = set(timestamp_steps(client))
            assert steps == {FRAME_TICKS, FRAME_TICKS + 3600 * 90_000}
            reports = [read_sender_report(data) for channel, data in client.packets if channel == 1]
            times = [report.camera_us for report in reports if report is not None]
            assert any(3600e6 < after - before < 3606e6 for before, after in pairwise(times))

    asyncio.run(scenario())


def test_pictures_change_their_size_at_a_key_frame(film: Path) -> None:
    async def scenario() -> None:
        async with (
            camera_of(film, "sps-change:1.35") as (camera, clock),
            RtspTestClient(camera.main_url) as client,
        ):
            await client.play()
            await run(clock, 10)
            unpacker = H264Depacketizer()
            pictures = [access.units for packet in client.rtp() for access in unpacker.push(packet)]
            sizes = [
                (sps.width, sps.height, number)
                for number, units in enumerate(pictures)
                for unit in units
                if unit[0] & 31 == 7 and (sps := h264.parse_sps(unit))
            ]
            assert sizes[:3] == [(320, 180, 0), (320, 180, 10), (240, 134, 20)]
            assert {size[:2] for size in sizes[2:]} == {(240, 134)}
            assert set(timestamp_steps(client)) == {FRAME_TICKS}

    asyncio.run(scenario())


def test_lost_packets_leave_holes_in_the_numbers(film: Path) -> None:
    async def scenario() -> None:
        async with (
            camera_of(film, "packet-loss:1") as (camera, clock),
            RtspTestClient(camera.main_url) as client,
        ):
            await client.play()
            await run(clock, 60)
            packets = client.rtp()
            sent = (packets[-1].sequence - packets[0].sequence & 0xFFFF) + 1
            assert 0.005 < (sent - len(packets)) / sent < 0.05

    asyncio.run(scenario())


def test_a_flapping_camera_cuts_every_few_seconds(film: Path) -> None:
    async def scenario() -> None:
        async with camera_of(film, "flap:3") as (camera, clock):
            for _ in range(3):
                async with RtspTestClient(camera.main_url) as client:
                    await client.play()
                    await client.packets_on(0, 1)
                    await run(clock, 3.05)
                    await client.end()
            assert len(camera.state.sessions) == 3

    asyncio.run(scenario())


def test_a_changed_password_shuts_out(film: Path) -> None:
    async def scenario() -> None:
        async with camera_of(film, "wrong-password-later:1") as (camera, clock):
            async with RtspTestClient(camera.main_url) as client:
                await client.play()
                await run(clock, 1.1)
                await client.end()
            async with RtspTestClient(camera.main_url) as again:
                assert (await again.ask("DESCRIBE")).status == 401

    asyncio.run(scenario())


def test_a_half_open_camera_does_not_notice_who_leaves(film: Path) -> None:
    async def scenario() -> None:
        async with camera_of(film, "half-open:1") as (camera, clock):
            async with RtspTestClient(camera.main_url) as client:
                await client.play()
                await run(clock, 1.1)
                client.send("OPTIONS")
            async with RtspTestClient(camera.main_url) as other:
                other.send("OPTIONS")
            await run(clock, 20)
            assert camera.state.connections == 2 and "OPTIONS main" not in camera.state.requests
            camera.recover()
            await run(clock, 3)
            assert camera.state.connections == 0

    asyncio.run(scenario())


def test_one_byte_a_second(film: Path) -> None:
    async def scenario() -> None:
        async with camera_of(film) as (camera, clock):
            camera.apply(FaultName.TRICKLE)
            reader, writer = await asyncio.open_connection(camera.options.host, camera.port)
            writer.write(b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n")
            assert await reader.readexactly(1) == b"R"
            await run(clock, 3.5)
            assert await reader.readexactly(3) == b"TSP"
            writer.transport.abort()

    asyncio.run(scenario())


def test_a_header_without_end(film: Path) -> None:
    async def scenario() -> None:
        async with camera_of(film) as (camera, clock):
            camera.apply(FaultName.ENDLESS_HEADER)
            reader, writer = await asyncio.open_connection(camera.options.host, camera.port)
            writer.write(b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n")
            received = b""
            while len(received) < 100_000:
                clock.advance(0.1)
                received += await reader.read(1 << 16)
            assert received.startswith(b"RTSP/1.0 200 OK") and b"\r\n\r\n" not in received
            writer.transport.abort()

    asyncio.run(scenario())


@pytest.mark.parametrize("name", [name for name in FaultName if name is not FaultName.SPS_CHANGE])
def test_any_fault_at_any_moment_leaves_a_camera_that_can_be_closed(film: Path, name: FaultName) -> None:
    async def scenario() -> None:
        async with camera_of(film) as (camera, clock):
            camera.apply(name)
            async with RtspTestClient(camera.main_url) as client:
                client.send("OPTIONS")
                await run(clock, 0.5)
                camera.recover()
                camera.apply(name)
                await run(clock, 0.5)

    asyncio.run(scenario())
