"""`wachtel fake-onvif` as other projects use it: a process that says where it is."""

import argparse
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from wachtel.base.clock import SystemClock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.cameras.api import DeviceOptions
from wachtel.cameras.onvif import driver
from wachtel.protocols.camera_url import parse_device_url
from wachtel.testing.fake_onvif.command import QUIRKS, add_arguments, run
from wachtel.testing.fake_onvif.options import OnvifOptions, OnvifStream, Quirk
from wachtel.testing.fake_onvif.server import FakeOnvif
from wachtel.testing.sample_film import SampleFilm, make_film


def parse(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(arguments)


def test_every_quirk_has_its_option_and_its_line_in_the_docs() -> None:
    page = (Path(__file__).parents[3] / "docs/reference/commands.md").read_text()
    assert set(QUIRKS) == {one.value for one in Quirk}
    for name in QUIRKS:
        assert f"| `{name}` |" in page


@pytest.mark.parametrize(
    "arguments", [(), ("a", "--motion", "soon"), ("a", "--motion", "1:0"), ("a", "--port", "x")]
)
def test_wrong_usage_ends_with_2(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parse(*arguments)
    assert caught.value.code == 2
    assert "error:" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(("rtsp://x/1", "--password", "p"), "without a user"), (("rtsp://x/1", "film.mp4"), "both files")],
)
def test_what_does_not_go_together_is_said(arguments: tuple[str, ...], says: str) -> None:
    with pytest.raises(WachtelError, match=says) as caught:
        run(parse(*arguments))
    assert caught.value.kind is ErrorKind.INVALID


def test_the_process_says_where_it_is_and_is_a_camera(tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.mp4", SampleFilm(seconds=2))
    small = make_film(tmp_path / "small.mp4", SampleFilm(seconds=2, width=160, height=90))
    arguments = [
        str(film),
        str(small),
        *["--user", "admin", "--password", "geheim", "--auth", "token", "--https"],
    ]
    arguments += ["--quirk", "other-prefixes", "--motion", "0:0.1", "--no-ptz"]
    command = [sys.executable, "-m", "wachtel", "fake-onvif", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline().split() for _ in range(5)]
        addresses = {name: url for name, url in lines}  # noqa: C416 (each line has two words)
        assert list(addresses) == ["onvif", "device", "main", "sub", "snapshot"]
        url = parse_device_url(addresses["onvif"].replace("://", "://admin:geheim@"))
        assert url.scheme == "onvifs" and addresses["device"].startswith("https://127.0.0.1:")
        report = driver.open(url, DeviceOptions(allow_local=True), SystemClock()).describe()
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert report.main is not None and report.sub is not None
    assert report.main.url == addresses["main"]
    assert (report.main.width, report.main.fps, report.main.key_frames_s) == (320, 10.0, 1.0)
    assert "move" not in report.abilities


def test_somebody_who_only_knocks_does_not_hold_up_others() -> None:
    streams = (OnvifStream("main", "rtsp://127.0.0.1:8554/main"),)
    options = OnvifOptions(streams, https=True)
    with FakeOnvif(options) as fake, socket.create_connection(("127.0.0.1", fake.port)):
        url = parse_device_url(fake.url)
        report = driver.open(url, DeviceOptions(allow_local=True), SystemClock()).describe()
    assert report.make == "Wachtel"
