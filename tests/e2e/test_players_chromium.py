"""Chromium plays what lies in the archive or is cut out of it, as it is, to its end."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from page_rig import launch, skip_without_page
from player_films import Film, make_films
from playwright.sync_api import Browser, sync_playwright

pytestmark = pytest.mark.timeout(180)

_PLAY_ALL = """(addresses) => Promise.all(addresses.map((address) => new Promise((resolve) => {
  const video = document.createElement("video");
  const tell = (what) => resolve({
    what, at: video.currentTime, lasts: video.duration, frames: video.getVideoPlaybackQuality().totalVideoFrames,
    sound: video.webkitAudioDecodedByteCount,
  });
  video.onended = () => tell("ended");
  video.onerror = () => tell(video.error.message);
  setTimeout(() => tell("late"), 60000);
  video.muted = true;
  video.playbackRate = 4;
  document.body.append(video);
  video.src = address;
  video.play().catch((error) => tell(String(error)));
})))"""


class QuietHandler(SimpleHTTPRequestHandler):
    """Says nothing."""

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Film]]:
    folder = tmp_path_factory.mktemp("films")
    return folder, make_films(folder, ("h264", "sound"))


@pytest.fixture(scope="module")
def address(films: tuple[Path, dict[str, Film]]) -> Iterator[str]:
    """The folder with the films, as a web site."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(films[0])))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def player(films: tuple[Path, dict[str, Film]]) -> Iterator[Browser]:
    """A browser. Started behind the films: Playwright occupies the event loop."""
    skip_without_page()
    with sync_playwright() as playwright:
        running = launch(playwright)
        yield running
        running.close()


def test_chromium_plays_to_the_end(
    films: tuple[Path, dict[str, Film]], address: str, player: Browser
) -> None:
    folder, made = films
    page = player.new_page()
    page.goto(address)
    addresses = [f"{address}/{film.path.relative_to(folder)}" for film in made.values()]
    found = page.evaluate(_PLAY_ALL, addresses)
    for (name, film), told in zip(made.items(), found, strict=True):
        assert told["what"] == "ended", (name, told)
        # A busy machine leaves out pictures at this pace.
        assert 10 <= told["frames"] <= film.pictures + 1, (name, told)
        assert told["at"] == pytest.approx(film.pictures / 25, abs=0.2), (name, told)
        assert bool(told["sound"]) == film.has_sound, (name, told)
    page.close()
