"""Fixtures of cameras: nothing of the owner in them, and the page of supported cameras made of them."""

import runpy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.cameras.fixture import fixture_of, read_fixture, write_fixture
from wachtel.model.device import Ability, DeviceReport, StreamOffer
from wachtel.model.probe import ProbeFinding, ProbeReport

ROOT = Path(__file__).parents[3]
SCRIPT = runpy.run_path(str(ROOT / "scripts/supported_cameras.py"))
SECRETS = (
    "192.168.7.31",
    "ada-canary",
    "pw-canary",
    "4C1234567PAG5C7",
    "Bedroom of Ada",
    "ec:1a:59:00:00:01",
)


def report(path: str) -> ProbeReport:
    device = DeviceReport(
        "onvif://192.168.7.31:80/",
        "onvif",
        make="Maker",
        model="IPC-HDW5442TMASE at 192.168.7.31",
        firmware="V5.5.82 build 190909",
        serial="4C1234567PAG5C7",
        name="Bedroom of Ada",
        main=StreamOffer("1", f"rtsp://192.168.7.31:554{path}", "h264", 1920, 1080, 25.0, 2.0),
        sub=StreamOffer("2", "rtsp://192.168.7.31:554/h264Preview_01_sub", "h264", 640, 360),
        abilities=(Ability.EVENTS,),
    )
    found = (ProbeFinding("ok", "video", "On 192.168.7.31.", code="video", details={"host": "192.168.7.31"}),)
    return ProbeReport(True, device.url, "h265", 1920, 1080, 25.0, "aac", found, b"picture", device)


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/Streaming/Channels/101", "/Streaming/Channels/101"),
        ("/cam/realmonitor?channel=1&subtype=0", "/cam/realmonitor?channel=1&subtype=0"),
        ("/h264Preview_01_main", "/h264Preview_01_main"),
        ("/user=ada-canary&password=pw-canary&channel=1.sdp", "/user=***&password=***&channel=1.sdp"),
        ("/live/4C1234567PAG5C7/1", "/live/***/1"),
        ("/live?token=a1", "/live?token=***"),
        ("/ec:1a:59:00:00:01/live", "/***/live"),
        ("/8f3a9b2c1d4e5f60/live", "/***/live"),
    ],
)
def test_a_fixture_holds_nothing_of_its_owner(path: str, kept: str) -> None:
    written = write_fixture(fixture_of("onvif://ada-canary:pw-canary@192.168.7.31", report(path)))
    assert not [secret for secret in SECRETS if secret.encode() in written]
    fixture = read_fixture(written)
    assert fixture.streams[0].path == kept
    assert (fixture.model, fixture.firmware) == ("IPC-HDW5442TMASE at ***", "V5.5.82 build 190909")
    assert (fixture.streams[0].codec, fixture.findings, fixture.abilities) == (
        "h265",
        ("video",),
        ("events",),
    )


def test_a_plain_stream_has_a_fixture_too() -> None:
    seen = ProbeReport(True, "rtsp://192.168.7.31:554/stream1", "h264", 640, 360, 15.0, None, ())
    fixture = fixture_of("rtsp://ada-canary:pw-canary@192.168.7.31/stream1", seen)
    assert (fixture.kind, fixture.streams[0].path) == ("rtsp", "/stream1")
    assert b"192.168" not in write_fixture(fixture)


@given(st.binary(max_size=200))
def test_any_bytes_at_all(data: bytes) -> None:
    with pytest.raises(WachtelError) as caught:
        read_fixture(data)
    assert caught.value.kind is ErrorKind.INVALID


def test_the_page_is_made_of_the_fixtures() -> None:
    """Run scripts/supported_cameras.py when this fails."""
    fixtures = SCRIPT["fixtures"]()
    assert fixtures
    assert SCRIPT["PAGE"].read_text() == SCRIPT["page"](fixtures)
