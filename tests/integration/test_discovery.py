"""Looking for devices, with sockets on loopback as the neighbourhood."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

import pytest
from onvif_rig import PLAIN

from wachtel.base.clock import SystemClock
from wachtel.cameras.discovery import setup_mode
from wachtel.cameras.discovery.networks import is_local, local_networks
from wachtel.cameras.discovery.search import SearchPlan, search
from wachtel.model.device import FoundDevice
from wachtel.testing.fake_onvif.discovery import DiscoveryResponder
from wachtel.testing.fake_onvif.options import OnvifOptions
from wachtel.testing.netcam import Mode, NetCamOptions, VirtualNetCam
from wachtel.testing.netcam.pictures import Reel
from wachtel.testing.service_responder import answer

LOOPBACK = IPv4Network("127.0.0.0/8")
XADDR = "http://192.0.2.9:8000/onvif/device_service"
NETCAM = (
    b"HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=86400\r\nLOCATION: http://127.0.0.1:49153/setup.xml\r\n"
    b"ST: urn:Belkin:service:basicevent:1\r\n"
    b"USN: uuid:NetCamSensor-1_0-221301::urn:Belkin:service:basicevent:1\r\n\r\n"
)


@contextmanager
def answering(answer: Callable[[bytes], bytes | None], host: str = "127.0.0.1") -> Iterator[int]:
    """A neighbour that answers each datagram; the port it hears on."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as neighbour:
        neighbour.bind((host, 0))
        neighbour.settimeout(0.1)
        done = threading.Event()

        def serve() -> None:
            while not done.is_set():
                try:
                    data, sender = neighbour.recvfrom(65_535)
                except OSError:
                    continue
                said = answer(data)
                if said is not None:
                    neighbour.sendto(said, sender)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield neighbour.getsockname()[1]
        finally:
            done.set()
            thread.join()


def mdns_answer(_: bytes) -> bytes:
    """A pointer to ``Garage._rtsp._tcp.local`` and its port, with compressed names."""
    return answer("_rtsp._tcp.local", "Garage", 8554)


def found_by(plan: SearchPlan, seconds: float = 1.0) -> list[FoundDevice]:
    *_, found = search(plan, seconds, SystemClock())
    return found


def plan_of(ws: int = 9, ssdp: int = 9, mdns: int = 9) -> SearchPlan:
    host = "127.0.0.1"
    return SearchPlan((("127.0.0.1", LOOPBACK),), (host, ws), (host, ssdp), (host, mdns))


def test_one_entry_for_a_device_that_answers_in_several_ways() -> None:
    with (
        DiscoveryResponder(PLAIN, XADDR) as ws,
        answering(lambda _: NETCAM) as ssdp,
        answering(mdns_answer) as mdns,
    ):
        found = found_by(plan_of(ws.port, ssdp, mdns))
    assert len(found) == 1
    assert set(found[0].kinds) == {"onvif", "netcam", "rtsp"}
    assert (found[0].address, found[0].what, found[0].make) == ("127.0.0.1", "camera", "Belkin")


def test_the_device_is_where_its_answer_came_from_not_where_it_says() -> None:
    with DiscoveryResponder(PLAIN, f"{XADDR} http://evil.example/x") as ws:
        found = found_by(plan_of(ws=ws.port))
    assert found == [
        FoundDevice(
            "127.0.0.1",
            "onvif://127.0.0.1:8000",
            ("onvif",),
            "camera",
            model="Virtual camera",
            name="Garden",
            identity="urn:uuid:virtual-0001",
        )
    ]


def test_rtsp_by_mdns_and_switches_by_upnp() -> None:
    switch = NETCAM.replace(b"NetCamSensor", b"Socket")
    with answering(mdns_answer) as mdns:
        assert found_by(plan_of(mdns=mdns)) == [
            FoundDevice("127.0.0.1", "camera://127.0.0.1:8554", ("rtsp",), "camera", name="Garage")
        ]
    with answering(lambda _: switch) as ssdp:
        found = found_by(plan_of(ssdp=ssdp))
    assert [(one.what, one.kinds, one.url) for one in found] == [
        ("switch", ("wemo",), "wemo://127.0.0.1:49153")
    ]


def test_the_real_group_is_heard_on_this_machine() -> None:
    with DiscoveryResponder(PLAIN, XADDR, multicast=True, port=0) as ws:
        plan = replace(plan_of(), ws_discovery=("239.255.255.250", ws.port))
        found = found_by(plan)
        if ws.asked == 0:
            pytest.skip("this machine carries no multicast on loopback")
    assert [one.model for one in found] == ["Virtual camera"]


def test_answers_from_another_network_do_not_count() -> None:
    with DiscoveryResponder(PLAIN, XADDR) as ws:
        plan = replace(plan_of(ws=ws.port), networks=(("127.0.0.1", IPv4Network("10.0.0.0/8")),))
        assert found_by(plan) == []
        assert ws.asked >= 1


@pytest.mark.parametrize(
    "nonsense",
    [
        b"",
        b"\x00" * 40,
        b"<a>" * 5000,
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
        b"HTTP/1.1 200 OK\r\n\r\n",
        struct.pack(">6H", 0, 0x8400, 0, 60_000, 0, 0) + b"\xc0\x0c" * 30,
        NETCAM.replace(b"NetCamSensor", b"<script>alert(1)</script>"),
        b"\xff" * 60_000,
    ],
)
def test_nonsense_finds_nothing_and_breaks_nothing(nonsense: bytes) -> None:
    with answering(lambda _: nonsense) as neighbour:
        found = found_by(plan_of(neighbour, neighbour, neighbour), seconds=0.4)
    assert [one for one in found if one.what == "camera"] == []


def test_a_hostile_name_is_text_on_one_line() -> None:
    options: OnvifOptions = replace(PLAIN, name="<script>\r\n\x1b[2J</script>", model="a" * 5000)
    with DiscoveryResponder(options, XADDR) as ws:
        [found] = found_by(plan_of(ws=ws.port), seconds=0.4)
    assert found.name == "<script> [2J</script>"
    assert len(found.model) == 200


def test_only_addresses_of_private_networks_are_asked() -> None:
    assert all(is_local(IPv4Address(address)) for address, _ in local_networks())
    assert not any(is_local(IPv4Address(one)) for one in ("127.0.0.1", "8.8.8.8", "224.0.0.1", "0.0.0.0"))
    assert all(is_local(IPv4Address(one)) for one in ("192.168.1.2", "10.1.2.3", "172.20.0.1", "169.254.7.7"))


@pytest.mark.parametrize(
    ("mode", "found_as"),
    [(Mode.SETUP, "camera"), (Mode.BEFORE_LOCK, "camera"), (Mode.LOCKED, ""), (Mode.HD, "")],
)
def test_a_netcam_that_waits_to_be_set_up_is_found_without_a_log_in(mode: Mode, found_as: str) -> None:
    with VirtualNetCam(NetCamOptions(mode), Reel([b"picture"])) as camera:
        door = ("127.0.0.1", camera.http_port)
        found = found_by(replace(plan_of(), setup_doors=(door, ("127.0.0.1", 9))))
        assert camera.state.requests == ["GET /goform/video"]
        assert "admin" not in repr(camera.state.requests)
    assert [one.what for one in found] == [found_as][: bool(found_as)]
    assert [one.url for one in found] == [f"netcam://127.0.0.1:{door[1]}"][: bool(found_as)]


ARP = """IP address       HW type     Flags       HW address            Mask     Device
192.168.7.20     0x1         0x2         EC:1A:59:11:22:33     *        eth0
192.168.7.21     0x1         0x2         02:1a:59:11:22:33     *        eth0
203.0.113.9      0x1         0x2         c0:56:27:11:22:33     *        eth0
not-an-address   0x1         0x2         c0:56:27:11:22:33     *        eth0
192.168.7.22
"""


def test_only_neighbours_with_a_card_of_theirs_are_asked_for_setup_mode() -> None:
    home, own_wifi = IPv4Network("192.168.7.0/24"), IPv4Network("10.68.68.0/24")
    assert setup_mode.doors([home], ARP) == (("192.168.7.20", 80),)
    assert setup_mode.doors([own_wifi], "") == (("10.68.68.22", 80),)
    assert setup_mode.doors([], ARP) == ()
