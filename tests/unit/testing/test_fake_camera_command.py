import argparse
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import wachtel
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.testing.fake_camera.command import add_arguments, run
from wachtel.testing.fake_camera.options import Fault, FaultName
from wachtel.testing.fake_camera.process import FakeCameraProcess
from wachtel.testing.sample_film import make_film


def parse(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(arguments)


def test_the_arguments_of_the_command() -> None:
    args = parse(
        "main.mp4", "sub.mp4", "--port", "8554", "--loop", "--fault", "drop:5", "--fault", "silent:9:1"
    )
    assert (args.main, args.sub, args.port, args.http_port, args.loop) == (
        Path("main.mp4"),
        Path("sub.mp4"),
        8554,
        0,
        True,
    )
    assert args.faults == [Fault(FaultName.DROP, 5.0), Fault(FaultName.SILENT, 9.0, 1.0)]


@pytest.mark.parametrize(
    "arguments", [(), ("a", "--port", "70000"), ("a", "--fault", "melt:1"), ("a", "--auth", "none")]
)
def test_wrong_usage_ends_with_2(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parse(*arguments)
    assert caught.value.code == 2
    assert "error:" in capsys.readouterr().err


def test_a_password_needs_a_user(tmp_path: Path) -> None:
    with pytest.raises(WachtelError, match="without a user") as caught:
        run(parse(str(tmp_path / "film.mp4"), "--password", "x"))
    assert caught.value.kind is ErrorKind.INVALID


def test_the_process_prints_its_urls_and_ends_with_its_parent(tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.mp4")
    with FakeCameraProcess(film, film, ["--loop"]) as camera:
        assert list(camera.urls) == ["main", "sub", "mjpeg", "snapshot"]
        assert camera.main_url.startswith("rtsp://127.0.0.1:") and camera.main_url.endswith("/main")
        assert camera.urls["snapshot"].startswith("http://127.0.0.1:")
    with pytest.raises(ProcessLookupError):
        os.kill(camera.pid, 0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_0(tmp_path: Path, number: signal.Signals) -> None:
    film = make_film(tmp_path / "film.mp4")
    with FakeCameraProcess(film) as camera:
        os.kill(camera.pid, number)
        assert camera.wait() == 0


def test_the_command_imports_nothing_heavy() -> None:
    code = "import sys, wachtel.testing.fake_camera.command; print({'av', 'numpy', 'asyncio'} & sys.modules.keys())"
    source = str(Path(wachtel.__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": source}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout.strip() == "set()"
