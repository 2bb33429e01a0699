"""Answers searches by SSDP, and says hello and goodbye where the group can be joined."""

import socket
import struct
import threading
from collections.abc import Callable

from wachtel.protocols import ssdp, wemo
from wachtel.testing.wemo.options import FakeWemoOptions

SERVER = "Unspecified, UPnP/1.0, Unspecified"


class SearchAnswerer:
    """A socket and a thread. On any port but 1900 it hears what is sent to it directly."""

    def __init__(self, options: FakeWemoOptions, location: Callable[[], str | None]) -> None:
        self._options = options
        self._location = location
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.settimeout(0.2)
        self._stopped = threading.Event()
        wanted = options.ssdp_port or 0
        if wanted == ssdp.PORT:
            self._join()
        self._socket.bind(("" if wanted == ssdp.PORT else options.host, wanted))
        self.port = int(self._socket.getsockname()[1])
        self._thread = threading.Thread(target=self._run, name="wemo-ssdp", daemon=True)

    def _join(self) -> None:
        own = socket.inet_aton(self._options.host)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        group = struct.pack("4s4s", socket.inet_aton(ssdp.GROUP), own)
        self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
        self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, own)

    @property
    def _targets(self) -> tuple[str, ...]:
        return (ssdp.ROOT, self._options.udn, self._options.device_type, wemo.BASIC_EVENT)

    def start(self) -> None:
        """Begins to listen."""
        self._thread.start()
        location = self._location()
        if self.port == ssdp.PORT and location:
            for target in self._targets:
                note = ssdp.alive(target, self._options.udn, location, SERVER)
                self._socket.sendto(note, (ssdp.GROUP, ssdp.PORT))

    def close(self) -> None:
        """Says goodbye and stops."""
        self._stopped.set()
        self._thread.join(5)
        if self.port == ssdp.PORT:
            for target in self._targets:
                self._socket.sendto(ssdp.goodbye(target, self._options.udn), (ssdp.GROUP, ssdp.PORT))
        self._socket.close()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                question, client = self._socket.recvfrom(ssdp.LARGEST_ANSWER_BYTES)
            except TimeoutError:
                continue
            except OSError:
                return
            wanted, location = ssdp.read_search(question), self._location()
            if wanted is None or location is None:
                continue
            for target in self._targets:
                if wanted in (target, ssdp.EVERYTHING):
                    self._socket.sendto(ssdp.answer(target, self._options.udn, location, SERVER), client)
