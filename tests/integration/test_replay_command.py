"""`wachtel replay` over a folder, and the same question over HTTP with the real desk."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from wachtel.app.cli import main
from wachtel.base.units import US_PER_S, WallUs
from wachtel.media.candidates import encode_looks
from wachtel.model.camera import Camera, Site
from wachtel.model.candidate import NEVER, Look, Sighting
from wachtel.pipeline.candidate_desk import CandidateDesk
from wachtel.storage.files.candidates import Candidates
from wachtel.storage.state import State, open_state
from wachtel.testing.clock import FakeClock
from wachtel.web.app import control_app, create_app
from wachtel.web.offline import offline_ports

NOON = WallUs(int(datetime(2025, 11, 21, 12, tzinfo=UTC).timestamp()) * US_PER_S)
CAMERA = Camera("yard", "hof", "Yard", "rtsp://10.0.0.1/")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with one camera, before whose eye two things went, a clear and a faint one."""
    state = open_state(tmp_path)
    state.sites.add(Site("hof", "Hof", "Europe/Berlin"))
    state.cameras.add(CAMERA)
    state.close()
    store = Candidates(tmp_path)
    for number, level in ((1, 30), (2, 80)):
        begin = NOON + number * 60 * US_PER_S
        looks = [Look(WallUs(begin + n * 100_000), (seen(number, n, level),)) for n in range(40)]
        assert store.append("yard", NOON, encode_looks([*looks, Look(WallUs(begin + 5 * US_PER_S))]))
    return tmp_path


def seen(track: int, n: int, level: int) -> Sighting:
    left = 20 + 5 * n
    return Sighting(track, left, 120, left + 20, 200, left + 10, 160, level if n > 2 else NEVER, 150, n == 0)


@pytest.mark.parametrize(
    ("options", "events"),
    [
        ([], 1),
        (["--sensitivity", "90"], 2),
        (["--sensitivity", "10"], 0),
        (["--zone", "0,0 1,0 1,0.3 0,0.3"], 0),
        (["--zone", "0.5,0 1,0 1,1 0.5,1", "--days", "3"], 1),
    ],
)
def test_what_would_have_been(
    data: Path, capsys: pytest.CaptureFixture[str], options: list[str], events: int
) -> None:
    command = ["replay", "--data", str(data), "--camera", "yard", "--day", "2025-11-21", "--json"]
    assert main([*command, *options]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["events"], answer["instead_of"], len(answer["found"])) == (events, 1, events)
    assert answer["since"] == "2025-11-21"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--sensitivity", "101"], "sensitivity"),
        (["--zone", "0,0 1,1 1,0 0,1"], "cross"),
        (["--zone", "0,0 2,0 1,1"], "outside the picture"),
        (["--day", "yesterday"], "not a day"),
        (["--days", "0"], "--days"),
    ],
)
def test_nonsense_is_refused_with_the_reason(
    data: Path, capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    assert main(["replay", "--data", str(data), "--camera", "yard", *options]) == 1
    assert said in capsys.readouterr().err


@pytest.fixture
def state(data: Path) -> Iterator[State]:
    opened = open_state(data)
    yield opened
    opened.close()


def test_the_page_asks_the_same(data: Path, state: State) -> None:
    clock = FakeClock(NOON + 86_400 * US_PER_S)
    desk = CandidateDesk(Candidates(data), clock, lambda: [CAMERA])
    app = control_app(create_app(state, replace(offline_ports(clock), replays=desk)))

    async def ask() -> list[httpx.Response]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://w") as client:
            body = {"motion": {"sensitivity": 90}, "days": 2}
            path = "/api/v1/cameras/yard/replay"
            return [await client.post(path, json=body), await client.post(path, json=body)]

    first, again = asyncio.run(ask())
    assert first.status_code == 200
    answer = first.json()
    assert [(day["day"], day["events"], day["instead_of"]) for day in answer["days"]] == [
        ("2025-11-21", 2, 1),
        ("2025-11-22", 0, 0),
    ]
    assert (answer["events"], answer["instead_of"], answer["since"]) == (2, 1, "2025-11-21")
    assert answer["found"][0]["start"] > answer["found"][1]["start"]
    assert again.json() == answer
