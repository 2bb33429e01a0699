"""A network of its own for a rehearsal: only loopback in it, and the kernel counts what wanted to leave (Linux)."""

import fcntl
import shutil
import socket
import struct
import subprocess
from pathlib import Path

_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 0x1
_REQUEST = "16sh14x"


def isolating_command() -> list[str] | None:
    """What to put before a command so that it runs without any network, None where this machine does not allow it."""
    found = shutil.which("unshare")
    for options in (["--net"], ["--map-root-user", "--net"]):
        if (
            found
            and subprocess.run([found, *options, "true"], capture_output=True, timeout=20).returncode == 0
        ):
            return [found, *options]
    return None


def loopback_up() -> None:
    """In a fresh network even loopback is down. Raises OSError where that is not allowed."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as device:
        asked = struct.pack(_REQUEST, b"lo", 0)
        flags = struct.unpack(_REQUEST, fcntl.ioctl(device, _GET_FLAGS, asked))[1]
        fcntl.ioctl(device, _SET_FLAGS, struct.pack(_REQUEST, b"lo", flags | _UP))


def without_route() -> int:
    """How many packets found no way out of this network so far, IPv4 and IPv6, by any program in any language."""
    try:
        names, values = [
            line.split() for line in Path("/proc/net/snmp").read_text().splitlines() if line.startswith("Ip:")
        ]
        count = int(values[names.index("OutNoRoutes")])
        six = Path("/proc/net/snmp6")
        for line in six.read_text().splitlines() if six.exists() else ():
            if line.startswith("Ip6OutNoRoutes"):
                count += int(line.split()[1])
    except (OSError, ValueError):
        return 0
    return count
