"""The page in a real browser, against the real server and a camera that really streams."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from page_rig import CameraHouse, House, launch, move_in, open_house, skip_without_page
from past_rig import Past, open_past
from playwright.sync_api import Browser, expect, sync_playwright
from running_server import RunningServer

from wachtel.app.scene_folder import drawn_scene

expect.set_options(timeout=20_000)
"""A busy machine is slow; what has to be quick is measured by tests of its own."""


@pytest.fixture(scope="session")
def scene() -> tuple[Path, Path]:
    """Main and sub stream of the garden. Drawn before any browser runs: Playwright occupies the event loop."""
    skip_without_page()
    return asyncio.run(drawn_scene())


@pytest.fixture(scope="module")
def house(scene: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[CameraHouse]:
    """A house of its own for every file of tests."""
    with open_house(tmp_path_factory.mktemp("house"), scene) as opened:
        yield opened


@pytest.fixture(scope="session")
def empty_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house without cameras, one for all files of tests: each has a subject in it that no other one touches."""
    skip_without_page()
    with RunningServer(tmp_path_factory.mktemp("empty") / "data") as server:
        yield move_in(server)


@pytest.fixture(scope="module")
def past(scene: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Past]:
    """A server of its own over yesterday's footage, for every file of tests that asks."""
    opened = open_past(tmp_path_factory.mktemp("past"))
    yield opened
    opened.server.stop()


@pytest.fixture(scope="module")
def browser(scene: tuple[Path, Path]) -> Iterator[Browser]:
    """The browser, for one file of tests."""
    with sync_playwright() as playwright:
        running = launch(playwright)
        yield running
        running.close()
