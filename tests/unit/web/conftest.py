"""A web application over memory and a fresh state.sqlite, and somebody for every scope."""

import asyncio
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi import FastAPI
from web_client import AppClient
from web_fakes import FakeEngine, HandClock, an_event, ports_of

from wachtel.accounts.links import Links
from wachtel.accounts.tokens import AccessTokens
from wachtel.model.access import Scope
from wachtel.model.camera import Camera, Site
from wachtel.storage.state import State, open_state
from wachtel.web.app import control_app, create_app
from wachtel.web.settings import WebSettings

ORIGIN = "http://127.0.0.1:8090"


@dataclass
class House:
    """One installation with a camera at home and one at a caravan."""

    app: FastAPI
    state: State
    engine: FakeEngine
    clock: HandClock
    runner: asyncio.Runner

    def client(self, token: str | None = None, *, address: str = "192.168.1.50") -> AppClient:
        """A browser or program; with a token it sends it."""
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        return AppClient(self.app, self.runner.run, ORIGIN, headers, address)

    def control(self) -> AppClient:
        """The command line."""
        return AppClient(control_app(self.app), self.runner.run, "http://wachtel")

    def advance(self, seconds: float) -> None:
        """Moves the clock on the loop's thread, and lets everybody who was woken do something."""

        async def move() -> None:
            self.clock.advance(seconds)
            await asyncio.sleep(0.05)

        self.runner.run(move())

    def token(self, scope: Scope, sites: frozenset[str] | None = None) -> str:
        tokens = AccessTokens(self.state, self.clock)
        return tokens.issue(f"{scope} {sites}", scope, sites).secret

    def links(self) -> Links:
        return Links(self.state, self.clock)


@pytest.fixture(scope="session")
def fresh_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new data folder, made once and copied for every test."""
    data = tmp_path_factory.mktemp("fresh") / "data"
    open_state(data).close()
    return data


@pytest.fixture
def state(fresh_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[State]:
    monkeypatch.delenv("WACHTEL_KEY_FILE", raising=False)
    opened = open_state(Path(shutil.copytree(fresh_data, tmp_path / "data")))
    yield opened
    opened.close()


@pytest.fixture
def house(state: State, tmp_path: Path) -> Iterator[House]:
    state.sites.add(Site("caravan", "Wohnwagen", "Europe/Berlin"))
    state.cameras.add(Camera("flur", "home", "Flur", "rtsp://anna:geheim-canary@192.168.1.20/stream1"))
    state.cameras.add(Camera("vorzelt", "caravan", "Vorzelt", "rtsp://192.168.7.20/stream1"))
    engine, clock = FakeEngine(), HandClock()
    (tmp_path / "page").mkdir()
    (tmp_path / "page/index.html").write_text("<!doctype html><title>Wachtel</title>")
    engine.happened += [an_event(1), an_event(2), an_event(3, "vorzelt", "caravan")]
    app = create_app(state, ports_of(engine, clock), WebSettings(page=tmp_path / "page"))
    with asyncio.Runner() as runner:
        yield House(app, state, engine, clock, runner)
