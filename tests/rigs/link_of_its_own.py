"""Run in a network namespace of its own: a cable, a camera at one end, and the real search by IPv6; tells JSON."""

import json
import shutil
import socket
import struct
import subprocess
import sys
import threading
from dataclasses import asdict, replace
from typing import Any

from onvif_rig import PLAIN

from wachtel.app.drill.network import loopback_up
from wachtel.base.clock import SystemClock
from wachtel.cameras.discovery.links import local_links
from wachtel.cameras.discovery.search import default_plan, search
from wachtel.protocols import mdns, ssdp
from wachtel.protocols.camera_url import CameraUrl
from wachtel.protocols.onvif import discovery
from wachtel.sources.api import SourceOptions
from wachtel.sources.http_stream import get
from wachtel.testing.fake_onvif.discovery import DiscoveryResponder

NAME, OTHER_END = "cam0", "home0"
CANNOT = 77


def interface() -> str:
    """The camera's end of the cable: its own link-local address, with its zone."""
    loopback_up()
    found = shutil.which("ip")
    if found is None:
        cannot("there is no ip command to make an interface with")
    made = ("link", "add", NAME, "type", "veth", "peer", "name", OTHER_END)
    for command in (made, ("link", "set", NAME, "up"), ("link", "set", OTHER_END, "up")):
        if subprocess.run([str(found), *command], capture_output=True, check=False).returncode:
            cannot("this machine makes no cable of its own (veth)")
    clock, never = SystemClock(), threading.Event()
    for _ in range(100):
        links = {one.name: one.address for one in local_links()}
        if {NAME, OTHER_END} <= links.keys():
            return f"{links[NAME]}%{NAME}"
        clock.wait(never, 0.1)
    cannot("the interface got no IPv6 address")
    return ""


def cannot(why: str) -> None:
    sys.stderr.write(why)
    raise SystemExit(CANNOT)


def listener(group: str, port: int) -> socket.socket:
    """Hears what is sent to a group on the interface."""
    opened = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    opened.bind(("", port))
    zone = struct.pack("@I", socket.if_nametoindex(NAME))
    joined = socket.inet_pton(socket.AF_INET6, group) + zone
    opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, joined)
    opened.setblocking(False)
    return opened


def heard(one: socket.socket) -> bool:
    try:
        return bool(one.recv(9000))
    except BlockingIOError:
        return False


def host_header(address: str) -> str:
    """What a web server on the link is told it is called."""
    index = socket.if_nametoindex(NAME)
    told: list[str] = []
    with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as server:
        server.bind((address.partition("%")[0], 80, 0, index))
        server.listen()

        def answer() -> None:
            client, _ = server.accept()
            with client:
                lines = client.recv(9000).decode().split("\r\n")
                told.extend(line.partition(": ")[2] for line in lines if line.startswith("Host: "))
                client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        options = SourceOptions(allow_local=True)
        get(CameraUrl("http", address, 80, "/"), options, SystemClock()).close()
        thread.join(10)
    return told[0]


def main() -> None:
    address = interface()
    others = {"ssdp": listener(ssdp.GROUP_V6, ssdp.PORT), "mdns": listener(mdns.GROUP_V6, mdns.PORT)}
    xaddr = "http://192.0.2.9/onvif/device_service"
    with DiscoveryResponder(replace(PLAIN), xaddr, address, discovery.PORT, multicast=True) as camera:
        *_, found = search(default_plan(), 1.0, SystemClock())
        told: dict[str, Any] = {"found": [asdict(one) for one in found]}
        told["heard"] = {"ws": camera.asked > 0, **{name: heard(one) for name, one in others.items()}}
    told["host_header"] = host_header(address)
    for one in others.values():
        one.close()
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
