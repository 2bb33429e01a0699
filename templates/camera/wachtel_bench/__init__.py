"""A driver for cameras made at home: one page of JSON says what the camera has, another whether something moves."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.cameras.api import DeviceOptions
from wachtel.media.jpeg import jpeg_size
from wachtel.model.device import Ability, DeviceReport, MotionReport, StreamOffer
from wachtel.model.probe import ProbeFinding
from wachtel.protocols.camera_url import CameraUrl
from wachtel.sources.api import SourceOptions
from wachtel.sources.http_stream import HttpStream, get

KIND = "bench"
ASK_EVERY_S = 0.2
LARGEST_BYTES = 4 << 20
LONGEST_TEXT = 200


class BenchDriver:
    """The driver: one object, no state. Schemes of packages like this one begin with ``camera+``."""

    schemes = frozenset({"camera+bench"})

    def open(self, url: CameraUrl, options: DeviceOptions, clock: Clock) -> "BenchCamera":
        """Contacts nobody yet."""
        return BenchCamera(url, options, clock)


class BenchCamera:
    """One camera; one thread at a time asks, any may `close`."""

    def __init__(self, url: CameraUrl, options: DeviceOptions, clock: Clock) -> None:
        self._url = url
        self._options = options
        self._clock = clock
        self._closed = threading.Event()
        self._asked: HttpStream | None = None

    def describe(self) -> DeviceReport:
        """What ``/camera.json`` says: ``{"name", "model", "stream", "still", "motion"}``, all but stream optional."""
        said = self._json("/camera.json", self._options.whole_timeout_s)
        offer = StreamOffer("main", self._address(_text(said, "stream")), "mjpeg")
        able = [Ability.SNAPSHOT] if said.get("still") else []
        name = _text(said, "name")
        return DeviceReport(
            self._url.public(),
            KIND,
            model=_text(said, "model"),
            name=name,
            main=offer,
            streams=(offer,),
            snapshot_url=self._address(_text(said, "still")) if said.get("still") else "",
            abilities=(*able, Ability.EVENTS) if said.get("motion") else tuple(able),
            findings=(
                ProbeFinding("ok", "device", f"The camera calls itself {name!r}.", "", "bench_device"),
            ),
        )

    def snapshot(self) -> bytes:
        """As `WithSnapshot.snapshot`."""
        picture = self._body(_text(self._json("/camera.json"), "still"), self._options.answer_timeout_s)
        jpeg_size(picture)
        return picture

    def motion(self) -> Iterator[MotionReport | None]:
        """As `WithMotion.motion`: asks ``{"moves": true}`` some times a second and tells what changes."""
        path = _text(self._json("/camera.json"), "motion")
        moved: bool | None = None
        while not self._closed.is_set():
            try:
                moves = self._json(path).get("moves") is True
            except WachtelError:
                if self._closed.is_set():
                    return
                raise
            yield None if moves is moved else MotionReport(self._clock.wall_us(), moves, KIND)
            moved = moves
            self._clock.wait(self._closed, ASK_EVERY_S)

    def close(self) -> None:
        """As `Device.close`."""
        self._closed.set()
        if self._asked is not None:
            self._asked.shut()

    def _address(self, path: str) -> str:
        """Always on the camera itself, whatever it says."""
        if not path.startswith("/"):
            raise self._nonsense()
        return replace(self._url, scheme="http", path=path, user=None, password=None).public()

    def _json(self, path: str, within_s: float | None = None) -> dict[str, Any]:
        try:
            said = json.loads(self._body(path, within_s or self._options.answer_timeout_s))
        except (ValueError, RecursionError) as error:
            raise self._nonsense() from error
        if not isinstance(said, dict):
            raise self._nonsense()
        return said

    def _body(self, path: str, within_s: float) -> bytes:
        """One answer, bounded in bytes and time; ``get`` speaks basic and digest and follows nobody elsewhere."""
        self._address(path)
        options = SourceOptions(connect_timeout_s=within_s, allow_local=self._options.allow_local)
        deadline = self._clock.monotonic_s() + within_s
        stream = self._asked = get(replace(self._url, scheme="http", path=path), options, self._clock)
        data = bytearray()
        try:
            while (piece := stream.read()) is not None:
                data += piece
                late = self._clock.monotonic_s() > deadline or self._closed.is_set()
                if late or len(data) > LARGEST_BYTES:
                    raise WachtelError(ErrorKind.TIMEOUT, f"{self._url.host} does not finish its answer.")
                if len(data) >= _announced(stream):
                    break
        finally:
            stream.close()
        return bytes(data)

    def _nonsense(self) -> WachtelError:
        return WachtelError(
            ErrorKind.NOT_A_CAMERA,
            f"{self._url.host} is no bench camera: its description cannot be read.",
            hint="Open http://CAMERA/camera.json in a browser and look.",
        )


def _text(said: dict[str, Any], name: str) -> str:
    value = said.get(name)
    return value[:LONGEST_TEXT] if isinstance(value, str) else ""


def _announced(stream: HttpStream) -> int:
    said = stream.headers.get("Content-Length") or ""
    return int(said) if said.isascii() and said.isdigit() and len(said) < 9 else LARGEST_BYTES


driver = BenchDriver()
"""What the entry point names."""
