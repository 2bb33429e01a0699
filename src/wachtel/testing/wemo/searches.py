"""Answers searches by SSDP, and says hello and goodbye where the group can be joined."""

from collections.abc import Callable

from wachtel.protocols import ssdp, wemo
from wachtel.testing.datagram_answerer import SearchAnswerer
from wachtel.testing.wemo.options import FakeWemoOptions

SERVER = "Unspecified, UPnP/1.0, Unspecified"


class WemoSearchAnswerer(SearchAnswerer):
    """A Wemo device's; a device without a ``location`` is silent."""

    def __init__(self, options: FakeWemoOptions, location: Callable[[], str | None]) -> None:
        super().__init__(options.host, options.ssdp_port or 0)
        self._options = options
        self._location = location

    @property
    def _targets(self) -> tuple[str, ...]:
        return (ssdp.ROOT, self._options.udn, self._options.device_type, wemo.BASIC_EVENT)

    def notices(self, *, alive: bool) -> list[bytes]:
        """Hello with the location, or goodbye."""
        udn, location = self._options.udn, self._location()
        if not alive:
            return [ssdp.goodbye(target, udn) for target in self._targets]
        return [ssdp.alive(target, udn, location, SERVER) for target in self._targets] if location else []

    def answers(self, question: bytes) -> list[bytes]:
        """One for every target that is searched for."""
        wanted, location = ssdp.read_search(question), self._location()
        if wanted is None or location is None:
            return []
        found = [target for target in self._targets if wanted in (target, ssdp.EVERYTHING)]
        return [ssdp.answer(target, self._options.udn, location, SERVER) for target in found]
