"""Every route, metric, server-sent event and setting is on its page, and the pages name nothing else."""

import ast
import asyncio
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from docs_pages import ROOT, first_cells, reference

from wachtel.app.readings import EngineReadings
from wachtel.base.clock import SystemClock
from wachtel.base.errors import ErrorKind
from wachtel.model.access import Permission
from wachtel.model.camera import Camera, CameraCondition
from wachtel.pipeline.engine import Engine
from wachtel.storage.data_folder import DataFolder
from wachtel.storage.index.filling import open_or_rebuild
from wachtel.storage.state import open_state
from wachtel.web import news
from wachtel.web.app import create_app
from wachtel.web.camera_questions import CameraChange, NewCamera
from wachtel.web.door import declarations
from wachtel.web.guard import Declared
from wachtel.web.motion_questions import MotionQuestion
from wachtel.web.offline import offline_ports
from wachtel.web.sites import SiteChange

HTTP, METRICS, SETTINGS, EVENTS = (
    reference(name) for name in ("http.md", "metrics.md", "settings.md", "events.md")
)
SOURCES = ROOT / "src/wachtel"
OTHERS_VARIABLES = {"PYTHONPATH"}


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[tuple[str, str], Declared]]:
    state = open_state(tmp_path_factory.mktemp("routes"))
    yield declarations(create_app(state, offline_ports(SystemClock())).routes)
    state.close()


def written_routes() -> dict[tuple[str, str], str]:
    """Method and path of each route of the page, with the permission it names."""
    found = {}
    for row in HTTP.section("Routes").splitlines():
        cells = [cell.strip() for cell in row.split("|")[1:-1]]
        if len(cells) == 3:
            for method, path in re.findall(r"`([A-Z]+) ([^`]+)`", cells[0]):
                found[method, path] = cells[1]
    return found


def test_every_route_is_documented_with_what_it_needs(routes: dict[tuple[str, str], Declared]) -> None:
    written = written_routes()
    for (method, path), declared in routes.items():
        if method != "HEAD":
            needed = "public" if declared.needs is Permission.PUBLIC else declared.needs.name.lower()
            assert written.get((method, path)) == needed, f"{method} {path} in docs/reference/http.md"
    assert written.keys() <= routes.keys()


def test_every_kind_of_error_is_documented() -> None:
    table = HTTP.section("Shapes all answers share")
    assert [kind for kind in ErrorKind if f"`{kind.value}`" not in table] == []


def test_every_state_of_a_stream_is_documented() -> None:
    for page, heading in ((HTTP, "Camera"), (METRICS, "Metrics")):
        assert [each for each in CameraCondition if f"`{each.value}`" not in page.section(heading)] == []


def test_every_metric_is_documented_and_no_other(tmp_path: Path) -> None:
    async def names() -> set[str]:
        data = DataFolder.open(tmp_path / "data", SystemClock())
        index = open_or_rebuild(data.index_path, data.archive)
        try:
            return {reading.name for reading in EngineReadings(Engine(data, index, SystemClock())).read()}
        finally:
            index.close()
            data.close()

    own = set(re.findall(r'GaugeMetricFamily\(\s*"wachtel_(\w+)"', (SOURCES / "web/health.py").read_text()))
    assert len(own) >= 2
    written = {name.removeprefix("wachtel_") for name in first_cells(METRICS.section("Metrics"))}
    assert written == asyncio.run(names()) | own


def test_every_server_sent_event_is_documented_and_no_other() -> None:
    calls = [
        node for node in ast.walk(ast.parse(Path(news.__file__).read_text())) if isinstance(node, ast.Call)
    ]
    sent = {
        call.args[0].value
        for call in calls
        if isinstance(call.func, ast.Name)
        and call.func.id == "_message"
        and isinstance(call.args[0], ast.Constant)
    }
    assert sent and set(first_cells(EVENTS.section("Server-sent events"))) == sent


def test_every_setting_of_a_camera_is_documented() -> None:
    table = SETTINGS.section("A camera")
    written = set(first_cells(table))
    assert written == CameraChange.model_fields.keys() | NewCamera.model_fields.keys()
    stored = {field.name for field in fields(Camera)} - {"id", "main_url", "device_url", "certificates"}
    assert stored <= written
    for name in NewCamera.model_fields:
        assert f"| `{name}` + |" in table, f"{name} can be given when a camera is added"


def test_every_setting_of_motion_and_sites_is_documented() -> None:
    assert set(first_cells(SETTINGS.section("Motion"))) == MotionQuestion.model_fields.keys()
    assert set(first_cells(SETTINGS.section("A site"))) == SiteChange.model_fields.keys()


def test_every_limit_and_default_is_documented() -> None:
    table = SETTINGS.section("A camera")
    for name, field in CameraChange.model_fields.items():
        limits = re.findall(r"[GL]e\([gl]e=(\d+)\)", repr(field))
        row = next(row for row in table.splitlines() if row.startswith(f"| `{name}`"))
        assert [limit for limit in limits if limit not in row] == [], name
    for setting in fields(Camera):
        if isinstance(setting.default, float | bool):
            row = next(row for row in table.splitlines() if row.startswith(f"| `{setting.name}`"))
            shown = (
                str(setting.default).lower() if isinstance(setting.default, bool) else f"{setting.default:g}"
            )
            assert row.split("|")[2].strip() == shown, setting.name


def variables() -> set[str]:
    """Names of environment variables in the product: literals asked for, and constants named like one."""
    found: set[str] = set()
    for path in SOURCES.rglob("*.py"):
        text = path.read_text()
        found |= set(re.findall(r'environ(?:\.get\(|\[)\s*"([A-Z_]+)"', text))
        found |= set(re.findall(r'\b[A-Z_]+_VARIABLE\s*=\s*"([A-Z_]+)"', text))
        named = re.findall(r"environ(?:\.get\(|\[)\s*([A-Za-z_]+)", text)
        assert all(name.endswith("_VARIABLE") for name in named), f"{path}: name the variable *_VARIABLE"
    return found - OTHERS_VARIABLES


def test_every_environment_variable_is_documented_and_no_other() -> None:
    assert set(first_cells(SETTINGS.section("Environment variables"))) == variables()
