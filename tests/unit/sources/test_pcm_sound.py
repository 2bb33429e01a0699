"""Raw sound beside Motion JPEG, as the free image of the first NetCam sends it (csev1755/openwrt-ncs601W-config)."""

import struct
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wachtel.base.clock import SystemClock
from wachtel.media.g711 import linear, mu_law_of
from wachtel.model.stream import Codec, Packet, StreamFormat, Track
from wachtel.pipeline.sound import StoredSound
from wachtel.protocols.camera_url import parse_camera_url
from wachtel.sources.api import SourceOptions
from wachtel.sources.mjpeg import driver
from wachtel.sources.mjpeg.pcm import split_sound_port
from wachtel.testing.netcam import Mode, NetCamOptions, VirtualNetCam
from wachtel.testing.netcam.pictures import Reel

JPEG = bytes.fromhex("ffd8ffc0000b080090010001011100ffda0008010100003f00") + b"\0" * 64 + b"\xff\xd9"


def watch(url: str, *, audio: bool, packets: int) -> tuple[StreamFormat, list[Packet]]:
    options = SourceOptions(allow_local=True, audio=audio)
    source = driver.open(parse_camera_url(url), options, SystemClock())
    form, taken = None, []
    for item in source.packets():
        if isinstance(item, StreamFormat):
            form = item
        else:
            taken.append(item)
        if len(taken) >= packets and (not audio or any(one.track is Track.AUDIO for one in taken)):
            break
    source.close()
    assert form is not None
    return form, taken


def test_sound_is_taken_where_it_is_wanted() -> None:
    with VirtualNetCam(NetCamOptions(mode=Mode.USTREAMER), Reel([JPEG])) as camera:
        url = f"{camera.stream_url}?wachtel_sound={camera.audio_port}"
        form, packets = watch(url, audio=True, packets=12)
        assert camera.state.requests == ["GET /stream"], "our own word does not reach the camera"
        assert watch(url, audio=False, packets=2)[0].audio is None
    assert form.audio is not None
    assert (form.audio.codec, form.audio.sample_rate, form.audio.channels) == (Codec.PCMU, 16_000, 1)
    sound = [one for one in packets if one.track is Track.AUDIO]
    ends = [one.pts + len(one.data) for one in sound]
    assert all(later.pts >= end for later, end in zip(sound[1:], ends, strict=False))
    assert all(one.time_base == Fraction(1, 16_000) for one in sound)
    loudest = max(
        abs(value) for value in struct.unpack(f"<{len(sound[-1].data)}h", linear(Codec.PCMU, sound[-1].data))
    )
    assert 5000 < loudest < 7000


def test_it_is_stored_as_aac() -> None:
    with VirtualNetCam(NetCamOptions(mode=Mode.USTREAMER), Reel([JPEG])) as camera:
        url = parse_camera_url(f"{camera.stream_url}?wachtel_sound={camera.audio_port}")
        source = driver.open(url, SourceOptions(allow_local=True, audio=True), SystemClock())
        stored = StoredSound("netcam").through(source.packets())
        form = next(stored)
        sound = next(one for one in stored if isinstance(one, Packet) and one.track is Track.AUDIO)
        source.close()
    assert isinstance(form, StreamFormat)
    assert form.audio is not None
    assert (form.audio.codec, form.audio.sample_rate) == (Codec.AAC, 16_000)
    assert sound.data


def test_pictures_come_without_a_sound_that_is_not_there() -> None:
    with VirtualNetCam(NetCamOptions(mode=Mode.MJPG_STREAMER), Reel([JPEG])) as camera:
        options = SourceOptions(allow_local=True, audio=True)
        url = parse_camera_url(f"{camera.stream_url}&wachtel_sound=9")
        source = driver.open(url, options, SystemClock())
        form = next(iter(source.packets()))
        source.close()
    assert isinstance(form, StreamFormat)
    assert form.audio is None


@pytest.mark.parametrize(
    ("path", "rest", "port"),
    [
        ("/stream?wachtel_sound=5000", "/stream", 5000),
        ("/?action=stream&wachtel_sound=5000", "/?action=stream", 5000),
        ("/?wachtel_sound=5000&action=stream", "/?action=stream", 5000),
        ("/a?b=1&wachtel_sound=5000&c=2", "/a?b=1&c=2", 5000),
        ("/stream?wachtel_sound=0", "/stream?wachtel_sound=0", None),
        ("/stream?wachtel_sound=x", "/stream?wachtel_sound=x", None),
        ("/stream", "/stream", None),
    ],
)
def test_the_port_is_read_out_of_the_address(path: str, rest: str, port: int | None) -> None:
    url, found = split_sound_port(parse_camera_url(f"http://u:p@192.0.2.1:8080{path}"))
    assert (url.path, url.user, found) == (rest, "u", port)


@given(st.lists(st.integers(-32768, 32767), max_size=64))
def test_mu_law_is_near(values: list[int]) -> None:
    """ITU-T G.711 table 2: steps grow with the value, up to 1024 at the loud end; beyond 32124 it is cut."""
    back = struct.unpack(
        f"<{len(values)}h", linear(Codec.PCMU, mu_law_of(struct.pack(f"<{len(values)}h", *values)))
    )
    assert all(
        abs(one - other) <= max(8, abs(one) // 16 + 4) for one, other in zip(values, back, strict=True)
    )


def test_every_code_comes_back() -> None:
    every = bytes(range(256))
    assert linear(Codec.PCMU, mu_law_of(linear(Codec.PCMU, every))) == linear(Codec.PCMU, every)
