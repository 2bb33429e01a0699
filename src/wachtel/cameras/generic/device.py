"""A camera of which only the address is known: its streams are found by trying the usual paths, politely.

Politely means: one connection at a time; nothing is tried with a password before the camera has asked for one; and the
first refusal of a password ends everything, because cameras lock accounts after a handful.
"""

import threading
from dataclasses import dataclass

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import MonoS
from wachtel.cameras.api import DeviceOptions
from wachtel.cameras.generic.greeting import http_greeting, rtsp_greeting
from wachtel.cameras.generic.makers import MJPEG_MAKERS, RTSP_MAKERS, Maker, in_order, is_signed
from wachtel.model.device import DeviceReport, StreamOffer
from wachtel.model.probe import ProbeFinding
from wachtel.protocols.camera_url import CameraUrl
from wachtel.sources.address import Endpoint, resolve
from wachtel.sources.api import SourceOptions
from wachtel.sources.connect import silent
from wachtel.sources.drivers import driver_for

KIND = "generic"
_WRONG_PATH = frozenset(
    {
        ErrorKind.NO_SUCH_STREAM,
        ErrorKind.BUSY,
        ErrorKind.STREAM_ENDED,
        ErrorKind.BAD_DATA,
        ErrorKind.NOT_A_CAMERA,
        ErrorKind.UNSUPPORTED_CODEC,
        ErrorKind.REDIRECT,
    }
)
"""What cameras answer at paths they do not have; anything else ends the search."""
_NO_SERVER = frozenset(
    {ErrorKind.REFUSED, ErrorKind.NOT_A_CAMERA, ErrorKind.STREAM_ENDED, ErrorKind.BAD_DATA}
)


@dataclass(frozen=True, slots=True)
class GenericPorts:
    """Where streams are looked for, besides the port of the address itself."""

    rtsp: tuple[int, ...] = (554, 8554)
    http: tuple[int, ...] = (80, 8080, 81)


@dataclass(frozen=True, slots=True)
class _Found:
    maker: Maker
    signed: bool
    main: CameraUrl
    sub: CameraUrl | None


class GenericCamera:
    """A `Device`. Blocks; any thread may `close`."""

    def __init__(self, url: CameraUrl, options: DeviceOptions, clock: Clock, ports: GenericPorts) -> None:
        self._url = url
        self._options = options
        self._clock = clock
        self._ports = ports
        self._closed = threading.Event()
        self._latest = MonoS(0.0)
        self._tried = 0
        self._greeted = False

    def describe(self) -> DeviceReport:
        """As `Device.describe`; wrong_password at the camera's first refusal."""
        self._latest = MonoS(self._clock.monotonic_s() + self._options.whole_timeout_s)
        own = resolve(
            self._url, allow_local=self._options.allow_local, timeout_s=self._options.answer_timeout_s
        )
        refused: WachtelError | None = None
        for scheme, port in self._doors():
            try:
                found = self._behind(scheme, Endpoint(own.ip, port, own.name))
            except WachtelError as error:
                if error.kind not in _NO_SERVER:
                    raise
                refused = refused or error
                continue
            if found is not None:
                return self._report(found)
        if refused is not None and not self._greeted:
            raise refused
        raise self._nothing(own)

    def _doors(self) -> list[tuple[str, int]]:
        """The port of the address first, as what it most likely is."""
        rtsp = [("rtsp", port) for port in self._ports.rtsp]
        http = [("http", port) for port in self._ports.http]
        own = self._url.port
        first = [("http", own)] if own in self._ports.http else [("rtsp", own), ("http", own)]
        known = ("rtsp", own) in rtsp
        return list(dict.fromkeys([*rtsp, *http] if known else [*first, *rtsp, *http]))

    def _behind(self, scheme: str, endpoint: Endpoint) -> _Found | None:
        """The stream at one port. Raises `WachtelError` when there is no such server, or it refuses the password."""
        greet, makers = (rtsp_greeting, RTSP_MAKERS) if scheme == "rtsp" else (http_greeting, MJPEG_MAKERS)
        greeting = greet(endpoint, self._deadline(endpoint), self._clock)
        self._greeted = True
        for maker in in_order(makers, greeting):
            for main, sub in maker.streams:
                if self._gives(scheme, endpoint, main):
                    return self._found(maker, is_signed(maker, greeting), scheme, endpoint, main, sub)
        return None

    def _found(
        self, maker: Maker, signed: bool, scheme: str, endpoint: Endpoint, main: str, sub: str
    ) -> _Found:
        second = sub if sub and self._gives(scheme, endpoint, sub) else ""
        at = CameraUrl(scheme, self._url.host, endpoint.port, main)
        return _Found(maker, signed, at, CameraUrl(scheme, at.host, at.port, second) if second else None)

    def _gives(self, scheme: str, endpoint: Endpoint, path: str) -> bool:
        """True when a stream begins there; the connection is closed at once."""
        url = CameraUrl(scheme, endpoint.ip, endpoint.port, path, self._url.user, self._url.password)
        left_s = self._deadline(endpoint) - self._clock.monotonic_s()
        options = SourceOptions(
            connect_timeout_s=left_s, allow_local=self._options.allow_local, trust=self._options.trust
        )
        self._tried += 1
        try:
            driver_for(scheme).open(url, options, self._clock).close()
        except WachtelError as error:
            if error.kind not in _WRONG_PATH:
                raise
            return False
        return True

    def _deadline(self, endpoint: Endpoint) -> MonoS:
        now = self._clock.monotonic_s()
        if self._closed.is_set() or now >= self._latest:
            raise silent(endpoint)
        return MonoS(min(self._latest, now + self._options.answer_timeout_s))

    def _report(self, found: _Found) -> DeviceReport:
        main = StreamOffer("main", found.main.public())
        sub = None if found.sub is None else StreamOffer("sub", found.sub.public())
        name = found.maker.name
        what = (
            f"The stream was found at {found.main.path}, tried as attempt {self._tried}; "
            f"{f'cameras of {name} have it there' if name else 'several makers have it there'}."
        )
        details = {"path": found.main.path, "maker": name, "tried": str(self._tried)}
        return DeviceReport(
            self._url.public(),
            KIND,
            make=name if found.signed else "",
            main=main,
            sub=sub,
            streams=(main,) if sub is None else (main, sub),
            findings=(ProbeFinding("ok", "path_found", what, "", code="path_found", details=details),),
        )

    def _nothing(self, endpoint: Endpoint) -> WachtelError:
        return WachtelError(
            ErrorKind.NO_SUCH_STREAM,
            f"{endpoint.name} answers, but has a stream at none of {self._tried} usual paths.",
            code="no_known_path",
            hint="Switch RTSP or ONVIF on in the camera's own settings, or enter the address its manual names.",
            details={"host": endpoint.name, "tried": str(self._tried)},
        )

    def close(self) -> None:
        """As `Device.close`."""
        self._closed.set()
