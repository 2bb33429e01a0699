"""Looking for devices by IPv6: on loopback, and by real multicast on a network that only this test can see."""

import json
import subprocess
import sys
from dataclasses import replace
from ipaddress import IPv6Network
from pathlib import Path

import pytest
from onvif_rig import PLAIN

from wachtel.app.drill.network import isolating_command
from wachtel.base.clock import SystemClock
from wachtel.cameras.discovery.links import ADDRESSES, Link, links_in, local_links
from wachtel.cameras.discovery.search import Groups, SearchPlan, search
from wachtel.model.device import FoundDevice, merged
from wachtel.protocols import ssdp
from wachtel.protocols.camera_url import parse_device_url
from wachtel.testing.fake_onvif.discovery import DiscoveryResponder
from wachtel.testing.service_responder import ServiceResponder

LOOPBACK = Link("::1", 1, "lo", IPv6Network("::1/128"))
NOBODY = ("::1", 9)
RIG = Path(__file__).parents[1] / "rigs/link_of_its_own.py"


def found_by(groups: Groups, link: Link = LOOPBACK) -> list[FoundDevice]:
    plan = SearchPlan((), links=(link,), v6=groups)
    *_, found = search(plan, 1.0, SystemClock())
    return found


@pytest.fixture(autouse=True)
def has_v6() -> None:
    if not ADDRESSES.exists() or not any(one.endswith(" lo") for one in ADDRESSES.read_text().splitlines()):
        pytest.skip("this machine has no IPv6 on loopback")


def test_cameras_are_found_by_their_ipv6_address() -> None:
    with (
        DiscoveryResponder(PLAIN, "http://[::1]:8000/onvif/device_service", "::1") as ws,
        ServiceResponder("_rtsp._tcp.local", "Garage", 8554, "::1") as mdns,
    ):
        [onvif] = found_by(Groups(("::1", ws.port), NOBODY, NOBODY))
        [rtsp] = found_by(Groups(NOBODY, NOBODY, ("::1", mdns.port)))
    assert (onvif.address, onvif.url) == ("::1", "onvif://[::1]:8000")
    assert (rtsp.address, rtsp.url) == ("::1", "camera://[::1]:8554")


def test_answers_from_another_network_do_not_count() -> None:
    elsewhere = replace(LOOPBACK, network=IPv6Network("fd00:7::/64"))
    with DiscoveryResponder(PLAIN, "http://[::1]/onvif/device_service", "::1") as ws:
        assert found_by(Groups(("::1", ws.port), NOBODY, NOBODY), elsewhere) == []
        assert ws.asked >= 1


IF_INET6 = """00000000000000000000000000000001 01 80 10 80       lo
fd0700000000000000000000000000aa 04 40 00 82     eth0
20010db8000000000000000000000001 04 40 00 80     eth0
fe8000000000000000fc00fffe000001 04 40 20 80     eth0
fe8000000000000000fc00fffe000002 05 40 20 c0     eth1
"""


def test_only_addresses_that_never_leave_the_house_are_asked_from() -> None:
    assert [(one.address, one.index, str(one.network)) for one in links_in(IF_INET6)] == [
        ("fd07::aa", 4, "fd07::/64"),
        ("fe80::fc:ff:fe00:1", 4, "fe80::/64"),
    ]
    assert all(one.network.is_private and not one.network.is_loopback for one in local_links())


def test_a_link_local_sender_keeps_its_zone_and_must_be_on_that_link() -> None:
    link = next(one for one in links_in(IF_INET6) if one.address.startswith("fe80"))
    assert link.sender("fe80::9", 4) == "fe80::9%eth0"
    assert link.sender("fe80::9", 5) is None
    assert link.sender("2001:db8::9", 0) is None


def test_one_entry_for_a_device_with_both_kinds_of_address() -> None:
    four = FoundDevice("192.168.1.9", "onvif://192.168.1.9", ("onvif",), "camera", identity="urn:uuid:1")
    six = replace(four, address="fe80::9%eth0", url="onvif://[fe80::9%eth0]")
    clone = replace(four, address="192.168.1.10", url="onvif://192.168.1.10")
    assert merged([six, four]) == merged([four, six]) == [four]
    assert merged([six, replace(six, address="fd07::9")]) == [six]
    assert merged([four, clone]) == [four, clone], "cheap cameras share their names"


def test_the_question_names_the_group_it_goes_to() -> None:
    assert b"\r\nHOST: [ff02::c]:1900\r\n" in ssdp.search(ssdp.ROOT, group=ssdp.GROUP_V6)
    assert b"\r\nHOST: 239.255.255.250:1900\r\n" in ssdp.search(ssdp.ROOT)


def test_the_real_groups_on_a_link_of_its_own() -> None:
    """A network namespace with a cable and its two ends: what is multicast there goes nowhere else."""
    isolated = isolating_command()
    if isolated is None:
        pytest.skip("this machine lets nobody make a network of his own (unshare --net)")
    done = subprocess.run(
        [*isolated, sys.executable, str(RIG)], capture_output=True, text=True, timeout=60, check=False
    )
    if done.returncode == 77:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    [camera] = [one for one in told["found"] if one["kinds"] == ["onvif"]]
    assert camera["address"].startswith("fe80::") and camera["address"].endswith(("%cam0", "%home0"))
    assert parse_device_url(camera["url"]).host == camera["address"]
    assert told["heard"] == {"ws": True, "ssdp": True, "mdns": True}
    assert told["host_header"] == f"[{camera['address'].partition('%')[0]}]", "zones stay at home"
