"""What the probe says of hostile URLs and of wrong ones, and that it touches nothing it should not."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from scripted_camera import Canary

from wachtel.base.clock import SystemClock
from wachtel.model.probe import ProbeReport
from wachtel.sources.probe import trial
from wachtel.sources.probe.worker import probe_in_worker

SECRET = "quail-egg-4711"


@pytest.fixture
def canary() -> Iterator[Canary]:
    bird = Canary()
    yield bird
    touched = bird.touched
    bird.close()
    assert not touched, "the canary was contacted"


@pytest.fixture
def canary_file(tmp_path: Path) -> Path:
    path = tmp_path / "canary.txt"
    path.write_text(SECRET)
    return path


def probe(url: str, *, allow_local: bool = False) -> ProbeReport:
    return trial.probe(url, allow_local=allow_local, clock=SystemClock())


HOSTILE = [
    "file://{file}",
    "file:{file}",
    "FILE://{file}",
    "{file}",
    "concat:{file}|{file}",
    "concatf:{file}",
    "subfile,,start,0,end,9,,:{file}",
    "crypto:{file}",
    "cache:file:{file}",
    "async:file:{file}",
    "data:text/plain;base64,cXVhaWw=",
    "pipe:0",
    "fd:0",
    "unix:{file}",
    "lavfi:testsrc",
    "hls+file://{file}",
    "hls+http://{there}/x.m3u8",
    "tcp://{there}",
    "udp://{there}",
    "rtp://{there}",
    "srtp://{there}",
    "rtmp://{there}/x",
    "ftp://{there}/x",
    "sftp://{there}/x",
    "gopher://{there}/x",
    "mmsh://{there}/x",
    "icecast://{there}/x",
    "tls://{there}",
    "httpproxy://{there}",
    "ffrtmphttp://{there}/x",
    "rtsp+file://{file}",
    "rtspt://{there}/x",
    "rtspu://{there}/x",
    "javascript:alert(1)",
    "rtsp:",
    "rtsp://",
    "rtsp:///x",
    "rtsp://@/x",
    "rtsp://:554/x",
    "rtsp://host:0/x",
    "rtsp://host:99999/x",
    "rtsp://host:port/x",
    "rtsp://[::1/x",
    "rtsp://[zz]/x",
    "rtsp://ho st/x",
    "rtsp://host/x\r\nX: y",
    "rtsp://host\x00/x",
    "rtsp://" + "a" * 3000 + "/x",
    "rtsp://127.0.0.1:{port}/x",
    "rtsp://user:" + SECRET + "@127.0.0.1:{port}/x",
    "rtsp://localhost:{port}/x",
    "rtsp://127.1:{port}/x",
    "rtsp://2130706433:{port}/x",
    "rtsp://0x7f.1:{port}/x",
    "rtsp://[::1]:{port}/x",
    "rtsp://[::ffff:127.0.0.2]:{port}/x",
    "rtsp://0.0.0.0:{port}/x",
    "rtsp://169.254.169.254/latest/meta-data/",
    "rtsp://239.255.255.250:1900/x",
    "rtsp://255.255.255.255/x",
    "rtsps://{there}/x",
    "http://{there}/x",
    "https://{there}/x",
    "http://169.254.169.254/latest/meta-data/",
    "http://[::ffff:169.254.169.254]/",
    "",
    " ",
    "wachtel",
]


@pytest.mark.parametrize("template", HOSTILE)
def test_hostile_urls(template: str, canary: Canary, canary_file: Path) -> None:
    place = f"{canary.host}:{canary.port}"
    url = template.replace("{file}", str(canary_file)).replace("{there}", place)
    report = probe(url.replace("{port}", str(canary.port)))
    assert not report.ok and report.picture is None
    (finding,) = report.findings
    assert (finding.level, finding.kind) == ("error", "forbidden_url")
    assert finding.what.endswith(".") and finding.hint
    assert SECRET not in f"{report}"


def test_there_are_enough_of_them() -> None:
    assert len(HOSTILE) >= 60


def test_closed_port_and_unknown_name() -> None:
    assert probe("rtsp://127.0.0.1:9/x", allow_local=True).findings[0].kind == "refused"
    assert probe("rtsp://nobody.invalid/x").findings[0].kind in ("unreachable", "timeout")


def test_the_worker_answers_and_main_stays_without_native_code() -> None:
    loaded = "av" in sys.modules
    report = probe_in_worker("rtsp://user:secret@127.0.0.1:9/x", allow_local=True)
    assert report.findings[0].kind == "refused"
    assert report.url == "rtsp://127.0.0.1:9/x"
    assert ("av" in sys.modules) == loaded


def test_a_worker_that_takes_too_long_is_ended() -> None:
    report = probe_in_worker("rtsp://127.0.0.1:9/x", allow_local=True, deadline_s=0.0)
    assert report.findings[0].kind == "timeout"
