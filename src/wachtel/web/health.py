"""``/healthz``, ``/metrics`` and the description of the API."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from fastapi.openapi.utils import get_openapi
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.responses import JSONResponse, Response

from wachtel import __version__
from wachtel.model.access import Permission
from wachtel.model.camera import Camera, CameraCondition
from wachtel.model.stream import StreamName
from wachtel.web.answers import Answer
from wachtel.web.cameras import CameraBook
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.ports.archive import Reading, Readings
from wachtel.web.ports.live import States

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class HealthAnswer(Answer):
    status: str
    version: str


class HealthRoutes:
    """For watchers and for programs."""

    def __init__(self, book: CameraBook, states: States, readings: Readings) -> None:
        self._description: dict[str, Any] | None = None
        self._book = book
        self._states = states
        self._readings = readings

    def add_to(self, door: Door) -> None:
        self._described = door.described
        door.route("GET", "/healthz", self.healthz, needs=Permission.PUBLIC)
        door.route(
            "GET", "/metrics", self.metrics, needs=Permission.VIEW, on=On.INSTALLATION, gives="text/plain"
        )
        door.route("GET", "/api/v1/openapi.json", self.openapi, needs=Permission.VIEW, listed=False)

    async def healthz(self) -> HealthAnswer:
        """Says that the server answers."""
        return HealthAnswer(status="ok", version=__version__)

    async def metrics(self) -> Response:
        """Numbers in the text format of Prometheus."""
        registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        registry.register(_Families(await self._book.all(), self._states, self._readings))
        return Response(generate_latest(registry), headers={"content-type": METRICS_TYPE})

    async def openapi(self) -> Response:
        if self._description is None:
            self._description = get_openapi(title="Wachtel", version=__version__, routes=self._described())
        return JSONResponse(self._description)


class _Families(Collector):
    def __init__(self, cameras: list[Camera], states: States, readings: Readings) -> None:
        self._cameras = cameras
        self._states = states
        self._readings = readings

    def collect(self) -> Iterator[Metric]:
        yield self._build()
        yield self._conditions()
        for reading in self._readings.read():
            yield _family(reading)

    def _build(self) -> Metric:
        family = GaugeMetricFamily(
            "wachtel_build_info", "The version that runs; always 1.", labels=["version"]
        )
        family.add_metric([__version__], 1)
        return family

    def _conditions(self) -> Metric:
        counted = Counter(self._condition(camera) for camera in self._cameras)
        family = GaugeMetricFamily(
            "wachtel_cameras", "Cameras by the condition of their main stream.", labels=["condition"]
        )
        for condition in CameraCondition:
            family.add_metric([condition.value], counted[condition])
        return family

    def _condition(self, camera: Camera) -> CameraCondition:
        state = self._states.of(camera.id).get(StreamName.MAIN)
        return CameraCondition.OFF if state is None else state.condition


def _family(reading: Reading) -> Metric:
    labels = sorted({label for sample, _ in reading.samples for label in sample})
    kind = CounterMetricFamily if reading.counter else GaugeMetricFamily
    family = kind(f"wachtel_{reading.name}", reading.help, labels=labels)
    for sample, value in reading.samples:
        family.add_metric([sample.get(label, "") for label in labels], value)
    return family
