import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import av
import httpx
import numpy as np
import pytest

from wachtel.model.stream import Codec
from wachtel.protocols.http_auth import AuthScheme
from wachtel.protocols.multipart import JpegStream
from wachtel.testing.clock import FakeClock
from wachtel.testing.fake_camera.camera import FakeCamera
from wachtel.testing.fake_camera.options import FakeCameraOptions, FaultName
from wachtel.testing.fake_camera.pictures import Pictures
from wachtel.testing.sample_film import SampleFilm, make_film
from wachtel.testing.scene.frame_number import read_frame_number


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_film(tmp_path_factory.mktemp("film") / "film.mp4", SampleFilm(seconds=5))


def number_in(jpeg: bytes) -> int | None:
    decoder = av.VideoCodecContext.create("mjpeg", "r")
    (frame,) = decoder.decode(av.Packet(jpeg))
    return read_frame_number(np.asarray(frame.to_ndarray(format="gray8"), np.uint8))


def test_pictures_of_any_moment(film: Path) -> None:
    pictures = Pictures(film)
    for at_s in (0.0, 0.55, 1.99, 2.0, 4.4, 99.0, 3.2):
        picture = pictures.at(at_s)
        assert number_in(picture.jpeg) == min(49, int(at_s * 10 + 1e-6))
        assert picture.at_s == pytest.approx(min(4.9, int(at_s * 10 + 1e-6) / 10))


def test_a_film_with_b_frames_and_another_codec(tmp_path: Path) -> None:
    for name, kind in (("b.mp4", SampleFilm(b_frames=2)), ("h265.mp4", SampleFilm(codec=Codec.H265))):
        assert number_in(Pictures(make_film(tmp_path / name, kind)).at(1.5).jpeg) == 15


@pytest.mark.parametrize("auth", AuthScheme)
def test_snapshots_ask_for_the_password(film: Path, auth: AuthScheme) -> None:
    async def scenario() -> None:
        options = FakeCameraOptions(user="ada", password="se:cret", auth=auth)
        ways = {
            AuthScheme.BASIC: httpx.BasicAuth("ada", "se:cret"),
            AuthScheme.DIGEST: httpx.DigestAuth("ada", "se:cret"),
        }
        async with FakeCamera(film, None, options, FakeClock()) as camera, httpx.AsyncClient() as client:
            assert (await client.get(camera.snapshot_url)).status_code == 401
            answer = await client.get(camera.snapshot_url, auth=ways[auth])
            assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
            assert number_in(answer.content) == 0
            missing = camera.snapshot_url.replace("snapshot", "nothing")
            assert (await client.get(missing, auth=ways[auth])).status_code == 404
            assert (await client.post(camera.snapshot_url, auth=ways[auth])).status_code == 405

    asyncio.run(scenario())


async def pictures_of(data: AsyncIterator[bytes], clock: FakeClock, count: int) -> list[bytes]:
    stream, pictures = JpegStream(), list[bytes]()
    ticking = asyncio.create_task(tick(clock))
    async for piece in data:
        pictures += stream.feed(piece)
        if len(pictures) >= count:
            break
    ticking.cancel()
    assert stream.broken == 0
    return pictures


async def tick(clock: FakeClock) -> None:
    while True:
        clock.advance(0.02)
        await asyncio.sleep(0.001)


def test_the_pictures_of_the_stream_go_on_through_the_loop(film: Path) -> None:
    async def scenario() -> None:
        clock = FakeClock()
        async with (
            FakeCamera(film, None, FakeCameraOptions(loop=True), clock) as camera,
            httpx.AsyncClient() as client,
        ):
            async with client.stream("GET", camera.mjpeg_url) as answer:
                pictures = await pictures_of(answer.aiter_raw(), clock, 60)
            numbers = [number_in(picture) for picture in pictures]
            assert all(number is not None for number in numbers)
            returns = [after for before, after in pairwise(numbers) if (after or 0) <= (before or 0)]
            assert 1 <= len(returns) < 30

    asyncio.run(scenario())


def test_the_stream_ends_with_the_film_and_faults_reach_it(film: Path) -> None:
    async def scenario() -> None:
        clock = FakeClock()
        async with (
            FakeCamera(film, None, FakeCameraOptions(), clock) as camera,
            httpx.AsyncClient() as client,
        ):
            async with client.stream("GET", camera.mjpeg_url) as answer:
                data = answer.aiter_raw()
                await pictures_of(data, clock, 3)
                camera.apply(FaultName.DROP)
                assert sum([len(piece) async for piece in data]) < 1_000_000
            async with client.stream("GET", camera.mjpeg_url) as answer:
                pictures = await pictures_of(answer.aiter_raw(), clock, 1000)
            assert 10 < len(pictures) <= 50 and camera.state.ended
            assert (await client.get(camera.mjpeg_url)).status_code == 404

    asyncio.run(scenario())
