"""The virtual NetCam as a whole."""

import threading
from socketserver import BaseServer
from types import TracebackType

from wachtel.base.clock import Clock, SystemClock
from wachtel.testing.netcam.gate import Gate
from wachtel.testing.netcam.options import Mode, NetCamOptions
from wachtel.testing.netcam.pictures import Garden, View
from wachtel.testing.netcam.sensor import Sensor
from wachtel.testing.netcam.sound import SoundServer
from wachtel.testing.netcam.ssdp import NetCamSearchAnswerer
from wachtel.testing.netcam.state import NetCamState
from wachtel.testing.netcam.web import WebServer, still_path, stream_path

_POLL_S = 0.05


class VirtualNetCam:
    """``with VirtualNetCam(options) as camera`` listens; every method may be called by any thread.

    ``view`` gives the pictures; without one it is the garden of the demo.
    """

    def __init__(
        self, options: NetCamOptions | None = None, view: View | None = None, clock: Clock | None = None
    ) -> None:
        self.options = options or NetCamOptions()
        clock = clock or SystemClock()
        own = self.options
        seen = view or Garden(own.size, own.fps, upside_down=own.upside_down)
        gate = Gate(own.credentials, own.log_in)
        self.state = NetCamState(own, seen, gate, clock, clock.monotonic_s())
        self._web = WebServer((own.host, own.http_port), self.state)
        self.sensor = Sensor((own.host, own.upnp_port), own, clock) if own.has_sensor else None
        self._sound = self._sound_server()
        self._searches = self._search_answerer()
        self._threads: list[threading.Thread] = []

    def _sound_server(self) -> SoundServer | None:
        if self.options.mode is not Mode.USTREAMER:
            return None
        return SoundServer((self.options.host, self.options.audio_port), self.state.stopped)

    def _search_answerer(self) -> NetCamSearchAnswerer | None:
        sensor = self.sensor
        if sensor is None or self.options.ssdp_port is None:
            return None
        return NetCamSearchAnswerer(self.options, lambda: sensor.url)

    @property
    def _servers(self) -> list[BaseServer]:
        return [server for server in (self._web, self.sensor, self._sound) if server is not None]

    def __enter__(self) -> "VirtualNetCam":
        for server in self._servers:
            thread = threading.Thread(
                target=server.serve_forever, args=(_POLL_S,), name="netcam", daemon=True
            )
            thread.start()
            self._threads.append(thread)
        if self._searches is not None:
            self._searches.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.state.stopped.set()
        self.drop_network()
        if self._searches is not None:
            self._searches.close()
        if self.sensor is not None:
            self.sensor.forget_subscribers()
        for server in self._servers:
            server.shutdown()
            server.server_close()
        for thread in self._threads:
            thread.join(5)

    @property
    def http_port(self) -> int:
        return int(self._web.server_address[1])

    @property
    def audio_port(self) -> int | None:
        """Where the raw sound is, None in modes without."""
        return None if self._sound is None else int(self._sound.server_address[1])

    @property
    def ssdp_port(self) -> int | None:
        """Where searches are answered."""
        return None if self._searches is None else self._searches.port

    @property
    def stream_url(self) -> str | None:
        """The pictures, without credentials; None in `Mode.LOCKED`."""
        return self._url(stream_path(self.options.mode))

    @property
    def snapshot_url(self) -> str | None:
        return self._url(still_path(self.options.mode))

    def _url(self, path: str | None) -> str | None:
        return None if path is None else f"http://{self.options.host}:{self.http_port}{path}"

    def urls(self) -> dict[str, str]:
        """Every address, by what is to be had there."""
        found = {"web": self._url("/"), "mjpeg": self.stream_url, "snapshot": self.snapshot_url}
        if self.sensor is not None:
            found["upnp"] = self.sensor.url
        if self.audio_port is not None:
            found["audio"] = f"tcp://{self.options.host}:{self.audio_port}"
        return {name: url for name, url in found.items() if url is not None}

    def set_motion(self, seen: bool) -> None:
        """The camera's own eye, for whoever subscribed to the sensor."""
        if self.sensor is not None:
            self.sensor.set_motion(seen)

    def drop_network(self) -> None:
        """Breaks off every running stream."""
        for broken in tuple(self.state.streams):
            broken.set()

    def power_cycle(self) -> None:
        """Streams break off, log-ins and subscriptions are forgotten."""
        self.drop_network()
        self.state.gate.power_cycle()
        if self.sensor is not None:
            self.sensor.forget_subscribers()
