"""A fake Wemo device as a whole."""

import threading
from types import TracebackType

from wachtel.base.clock import Clock, SystemClock
from wachtel.protocols.gena import Subscription
from wachtel.testing.wemo.events import EventSender
from wachtel.testing.wemo.options import FakeWemoOptions
from wachtel.testing.wemo.searches import WemoSearchAnswerer
from wachtel.testing.wemo.state import FakeWemoState
from wachtel.testing.wemo.web import Faults, WemoServer

_POLL_S = 0.02


class FakeWemo:
    """``with FakeWemo(options) as lamp`` listens; every method may be called by any thread."""

    def __init__(self, options: FakeWemoOptions | None = None, clock: Clock | None = None) -> None:
        self.options = options or FakeWemoOptions()
        self.faults = Faults()
        self.events = EventSender(self.options.host, clock or SystemClock())
        tell = self.events.tell if self.options.sends_events else lambda *_: None
        self.state = FakeWemoState(self.options, tell)
        self._server: WemoServer | None = None
        self._thread: threading.Thread | None = None
        self._port = self.options.port
        self._earlier: list[str] = []
        self._searches: WemoSearchAnswerer | None = None
        self._in_flight_most = 0

    def __enter__(self) -> "FakeWemo":
        self.come_back()
        if self.options.ssdp_port is not None:
            self._searches = WemoSearchAnswerer(self.options, lambda: self.url if self._server else None)
            self._searches.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.faults.released.set()
        if self._searches is not None:
            self._searches.close()
        self.die()
        self.state.close()

    @property
    def port(self) -> int:
        """Where it listens, or last did."""
        return self._port

    @property
    def ssdp_port(self) -> int | None:
        """Where searches are answered."""
        return None if self._searches is None else self._searches.port

    @property
    def url(self) -> str:
        """Its description."""
        return f"http://{self.options.host}:{self._port}/setup.xml"

    @property
    def on(self) -> bool:
        """Whether the lamp burns."""
        return self.state.on

    @property
    def requests(self) -> list[str]:
        """Every question so far, as ``POST /upnp/control/basicevent1``."""
        return self._earlier + (self._server.requests if self._server else [])

    @property
    def in_flight_most(self) -> int:
        """How many questions were open at the same time at worst."""
        return max(self._in_flight_most, self._server.in_flight_most if self._server else 0)

    @property
    def subscriptions(self) -> list[Subscription]:
        """Who is told of its state."""
        return self.events.subscriptions()

    def press(self, on: bool) -> None:
        """Somebody presses the button, or walks past a Motion."""
        self.state.press(on)

    def die(self) -> None:
        """Its port is closed and its subscriptions are gone, as without power."""
        server, self._server = self._server, None
        if server is None:
            return
        self._earlier += server.requests
        self._in_flight_most = max(self._in_flight_most, server.in_flight_most)
        self.events.forget()
        server.shutdown()
        server.server_close()
        if self._thread is not None:
            self._thread.join(5)

    def come_back(self, port: int | None = None) -> None:
        """Listens again, at another port if one is given."""
        wanted = self._port if port is None else port
        server = WemoServer((self.options.host, wanted), self.options, self.state, self.events, self.faults)
        self._server, self._port = server, server.port
        self._thread = threading.Thread(
            target=server.serve_forever, args=(_POLL_S,), name="wemo", daemon=True
        )
        self._thread.start()

    def move(self, port: int) -> None:
        """Crashes and listens at another port, as real ones do."""
        self.die()
        self.come_back(port)

    def hang(self, hangs: bool = True) -> None:
        """Takes questions and never answers, or answers again."""
        self.faults.hangs = hangs
        self.faults.released.set()
        self.faults.released = threading.Event()
