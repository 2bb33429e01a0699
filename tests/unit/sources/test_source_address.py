"""Where a camera URL may lead."""

import socket

import pytest

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.protocols.camera_url import parse_camera_url
from wachtel.sources.address import resolve

LOCAL = [
    "127.0.0.1",
    "127.9.9.9",
    "169.254.1.1",
    "169.254.169.254",
    "[::1]",
    "[fe80::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:169.254.169.254]",
    "[64:ff9b::127.0.0.1]",
    "[2002:7f00:1::]",
    "[::7f00:1]",
    "localhost",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
]
NEVER = [
    "0.0.0.0",
    "0.1.2.3",
    "224.0.0.1",
    "239.255.255.250",
    "255.255.255.255",
    "240.0.0.1",
    "[::]",
    "[ff02::1]",
    "[::ffff:0.0.0.0]",
    "[::ffff:239.1.1.1]",
]


def refusal(host: str, *, allow_local: bool) -> ErrorKind:
    with pytest.raises(WachtelError) as caught:
        resolve(parse_camera_url(f"rtsp://{host}/x"), allow_local=allow_local, timeout_s=5)
    assert caught.value.hint
    return caught.value.kind


@pytest.mark.parametrize("host", LOCAL)
def test_this_machine_needs_consent(host: str) -> None:
    assert refusal(host, allow_local=False) is ErrorKind.FORBIDDEN_URL


@pytest.mark.parametrize("host", NEVER)
def test_what_is_no_single_device_is_never_contacted(host: str) -> None:
    assert refusal(host, allow_local=False) is ErrorKind.FORBIDDEN_URL
    assert refusal(host, allow_local=True) is ErrorKind.FORBIDDEN_URL


@pytest.mark.parametrize("host", ["192.168.1.20", "10.0.0.5", "172.16.3.4", "[fd00::20]", "8.8.8.8"])
def test_addresses_of_cameras_are_fine(host: str) -> None:
    endpoint = resolve(parse_camera_url(f"rtsp://{host}:8554/x"), allow_local=False, timeout_s=5)
    assert endpoint.ip == host.strip("[]")
    assert endpoint.port == 8554


def test_consent_opens_loopback() -> None:
    assert resolve(parse_camera_url("rtsp://127.0.0.1/x"), allow_local=True, timeout_s=5).ip == "127.0.0.1"


def answers(*ips: str) -> list[tuple[object, ...]]:
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 554)) for ip in ips]


def test_a_name_is_looked_up_once_and_its_first_fitting_address_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def look_up(host: str, *_: object, **__: object) -> list[tuple[object, ...]]:
        asked.append(host)
        return answers("127.0.0.1", "192.168.1.7", "192.168.1.8")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    endpoint = resolve(parse_camera_url("rtsp://cam.example/x"), allow_local=False, timeout_s=5)
    assert (endpoint.ip, endpoint.name, asked) == ("192.168.1.7", "cam.example", ["cam.example"])


def test_a_name_that_leads_home_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers("127.0.0.1"))
    assert refusal("evil.example", allow_local=False) is ErrorKind.FORBIDDEN_URL


def test_an_unknown_name_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    assert refusal("nowhere.example", allow_local=False) is ErrorKind.UNREACHABLE
