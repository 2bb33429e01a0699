"""Every kind of stream that a browser can play is played, live and recorded; of the others that is said, and something
honest is shown instead."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from page_rig import SHOTS, CameraHouse, Look, look_at, move_in, until, without_webrtc
from playwright.sync_api import Browser, Page, expect
from running_server import RunningServer
from whep_page import NOTE_CONNECTION, received, unmute
from whep_page import watch as watch_by_webrtc

from wachtel.model.stream import Codec
from wachtel.testing.fake_camera.options import FakeCameraOptions, Fault, FaultName
from wachtel.testing.fake_camera.process import FakeCameraProcess
from wachtel.testing.fake_camera.threaded import ThreadedFakeCamera
from wachtel.testing.sample_film import SampleFilm, make_film

pytestmark = pytest.mark.timeout(120)

FPS = 10
CLIP_S = 4.0


def _film(**settings: Any) -> SampleFilm:
    return SampleFilm(seconds=6.0, fps=FPS, **settings)


KINDS = {
    "baseline": _film(profile="baseline"),
    "b-frames": _film(b_frames=2),
    "uneven": _film(uneven=7000),
    "aac": _film(audio=Codec.AAC, audio_rate=16_000),
    "pcma": _film(audio=Codec.PCMA),
    "another-size": _film(gop=FPS),
    "h265": _film(codec=Codec.H265),
}

SOUND = ("aac", "pcma")

LATER = Fault.parse("sps-change:99999")
"""Has the camera prepare its other size; the test tells it when."""

_BUFFERED = """() => {
  const video = document.querySelector("video[data-shown]") ?? document.querySelector("video");
  const found = [];
  for (let i = 0; i < video.buffered.length; i++) found.push([video.buffered.start(i), video.buffered.end(i)]);
  const { totalVideoFrames } = video.getVideoPlaybackQuality();
  return { stretches: found, at: video.currentTime, shown: totalVideoFrames, width: video.videoWidth };
}"""

_PLAY_ALL = """(addresses) => Promise.all(addresses.map((address) => new Promise((resolve) => {
  const video = document.createElement("video");
  const tell = (what) => resolve({
    what, at: video.currentTime, lasts: video.duration, frames: video.getVideoPlaybackQuality().totalVideoFrames,
    sound: video.webkitAudioDecodedByteCount,
  });
  video.muted = true;
  video.onended = () => tell("ended");
  video.onerror = () => tell(video.error.message);
  video.src = address;
  document.body.append(video);
  video.playbackRate = 2;
  void video.play();
})))"""


_CONVERT = """(cameras) => {
  globalThis.converting = cameras.map((camera) =>
    new WebSocket(`ws://${location.host}/api/v1/cameras/${camera}/live?convert=true`));
  return Promise.all(converting.map((socket) => new Promise((resolve) => { socket.onmessage = () => resolve(); })));
}"""


@dataclass(slots=True)
class Street:
    """A server with a camera of every kind."""

    house: CameraHouse
    cameras: dict[str, ThreadedFakeCamera] = field(default_factory=dict)
    begun: float = 0.0


@pytest.fixture(scope="module")
def street(scene: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    folder = tmp_path_factory.mktemp("street")
    with ExitStack() as stack:
        films = {name: folder / f"{name}{'.mov' if name == 'pcma' else '.mp4'}" for name in KINDS}
        for name, film in films.items():
            make_film(film, KINDS[name])
        both = stack.enter_context(FakeCameraProcess(films["h265"], films["baseline"], ["--loop"]))
        server = stack.enter_context(RunningServer(folder / "data"))
        found = Street(CameraHouse(server, both, scene))
        move_in(server)
        with server.client() as client:

            def add(name: str, url: str, sub_url: str | None = None) -> None:
                new = {"url": url, "sub_url": sub_url, "name": name, "allow_local": True}
                answer = client.post("/api/v1/cameras", json=new)
                assert answer.is_success, (name, answer.text)
                if name in SOUND:
                    client.patch(f"/api/v1/cameras/{name}", json={"record_audio": True}).raise_for_status()

            for name, film in films.items():
                faults = (LATER,) if name == "another-size" else ()
                camera = ThreadedFakeCamera(film, None, FakeCameraOptions(loop=True, faults=faults))
                found.cameras[name] = stack.enter_context(camera)
                add(name, camera.main_url)
            add("mjpeg", found.cameras["baseline"].mjpeg_url)
            add("beides", both.main_url, both.sub_url)
        found.begun = time.monotonic()
        yield found


def plays(page: Page, codec: str) -> bool:
    """Whether this browser plays such a stream."""
    found: bool = page.evaluate(f"""MediaSource.isTypeSupported('video/mp4; codecs="{codec}"')""")
    return found


def playable(page: Page) -> list[str]:
    """The kinds that this browser can play."""
    return [name for name in KINDS if name != "h265" or plays(page, "hvc1.1.6.L93.B0")]


def watch(page: Page, street: Street, camera: str) -> dict[str, Any]:
    """Looks at a camera by WebSocket until a second and a half of its pictures have been shown."""
    without_webrtc(page)
    page.goto(f"{street.house.origin}/#/camera/{camera}")

    def moves() -> bool:
        found = page.evaluate(_BUFFERED) if page.query_selector("video") else {"shown": 0}
        return bool(found["shown"] >= FPS)

    until(moves, 20, f"{camera} plays", page)
    found: dict[str, Any] = page.evaluate(_BUFFERED)
    return found


def test_every_kind_that_the_browser_can_is_played_live(browser: Browser, street: Street) -> None:
    with look_at(browser, Look()) as page:
        street.house.log_in(page.context)
        page.goto(street.house.origin)
        for name in playable(page):
            found = watch(page, street, name)
            assert len(found["stretches"]) == 1, (name, found)
            assert found["width"] == 320
        watch(page, street, "another-size")
        street.cameras["another-size"].apply(FaultName.SPS_CHANGE)
        until(lambda: page.evaluate(_BUFFERED)["width"] == 240, 20, "the new size is shown", page)
        shown = page.evaluate(_BUFFERED)["shown"]
        until(lambda: page.evaluate(_BUFFERED)["shown"] >= shown + 5, 20, "the new size moves", page)


def test_a_recorded_clip_of_every_kind_plays_to_its_end(browser: Browser, street: Street) -> None:
    """After the live views, so that the clip of the camera that changes its size holds both sizes."""
    time.sleep(max(0.0, street.begun + CLIP_S + 3.0 - time.monotonic()))
    with look_at(browser, Look()) as page:
        street.house.log_in(page.context)
        page.goto(f"{street.house.origin}/#/settings")
        names = playable(page)
        played = page.evaluate(_PLAY_ALL, [clip(name) for name in names])
        for name, found in zip(names, played, strict=True):
            assert found["what"] == "ended", (name, found)
            assert found["frames"] >= FPS * (CLIP_S - 1), (name, found)
            assert abs(found["at"] - found["lasts"]) < 0.2, (name, found)
            assert (found["sound"] > 0) == (name in SOUND), (name, found)


def clip(camera: str) -> str:
    """Where the last seconds of a camera are to be had."""
    end = datetime.now(UTC) - timedelta(seconds=1.0)
    start = end - timedelta(seconds=CLIP_S)
    moments = "&".join(f"{name}={at:%Y-%m-%dT%H:%M:%S.%fZ}" for name, at in (("start", start), ("end", end)))
    return f"/api/v1/cameras/{camera}/recording.mp4?{moments}"


@pytest.mark.parametrize("camera", SOUND)
def test_sound_comes_by_webrtc(camera: str, browser: Browser, street: Street) -> None:
    """A soft tone, so that silence would show. Telephone sound is AAC from the recorder on (ADR 6)."""
    with look_at(browser, Look()) as page:
        street.house.log_in(page.context)
        assert watch_by_webrtc(page, street.house, camera=camera, sound=True)["status"] == 201
        unmute(page)

        def heard() -> dict[str, Any]:
            return received(page).get("audio", {})

        until(lambda: heard().get("totalSamplesDuration", 0) > 1.5, 20, f"sound of {camera}", page)
        until(lambda: heard()["totalAudioEnergy"] > 0, 20, f"the tone of {camera}", page)
        before = heard()
        until(
            lambda: heard()["totalSamplesDuration"] > before["totalSamplesDuration"] + 2,
            20,
            "more of it",
            page,
        )
        after = heard()
        said = {
            name: after[name] - before.get(name, 0) for name in after if isinstance(after[name], int | float)
        }
        assert after["codec"] == "audio/opus"
        assert said["packetsReceived"] >= 60, said
        assert said["totalAudioEnergy"] / said["totalSamplesDuration"] > 0.01, said
        assert said["concealedSamples"] < said["totalSamplesReceived"] / 4, said
        assert received(page)["video"]["framesDecoded"] > 10


def test_the_sound_button_brings_sound_and_leaves_the_picture_fast(browser: Browser, street: Street) -> None:
    """By WebRTC again, as soon as that stands with sound; silent viewers are sent none."""
    tracks = """() => {
      const { srcObject, muted } = document.querySelector("video[data-shown]") ?? {};
      return srcObject ? [srcObject.getAudioTracks().length, muted] : null;
    }"""
    with look_at(browser, Look()) as page:
        page.add_init_script(NOTE_CONNECTION)
        street.house.log_in(page.context)
        page.goto(f"{street.house.origin}/#/camera/aac")
        until(lambda: page.evaluate(tracks) == [0, True], 30, "WebRTC has taken over, silently", page)
        page.get_by_role("button", name="Ton einschalten").click()
        until(lambda: page.evaluate(tracks) == [1, False], 30, "WebRTC has taken over with sound", page)
        until(lambda: received(page).get("audio", {}).get("totalAudioEnergy", 0) > 0, 30, "it is heard", page)
        page.get_by_role("button", name="Ton ausschalten").click()
        until(lambda: page.evaluate(tracks) == [1, True], 30, "silence", page)


def test_the_sub_stream_is_shown_and_said_to_be_it(browser: Browser, street: Street) -> None:
    with look_at(browser, Look()) as page:
        street.house.log_in(page.context)
        page.goto(f"{street.house.origin}/#/camera/beides")
        if plays(page, "hvc1.1.6.L93.B0"):
            pytest.skip("this browser plays H.265")
        expect(page.get_by_text("Dieser Browser spielt den Hauptstrom (H.265) nicht ab")).to_be_visible()
        width = "document.querySelector('video[data-shown]').videoWidth"
        until(lambda: page.evaluate(width) == 320, 10, "the sub stream plays", page)


@pytest.mark.parametrize("camera", ["h265", "mjpeg"])
def test_what_this_browser_does_not_play_is_converted(camera: str, browser: Browser, street: Street) -> None:
    with look_at(browser, Look()) as page:
        street.house.log_in(page.context)
        page.goto(street.house.origin)
        if camera == "h265" and plays(page, "hvc1.1.6.L93.B0"):
            pytest.skip("this browser plays H.265")
        watch(page, street, camera)
        expect(page.get_by_text("Darum wandelt Wachtel das Live-Bild um")).to_be_visible()
        page.screenshot(path=SHOTS / f"converted-{camera}-1440-light-de.png")


def test_stills_are_shown_when_no_more_can_be_converted(browser: Browser, street: Street) -> None:
    with look_at(browser, Look()) as page:
        street.house.log_in(page.context)
        page.goto(f"{street.house.origin}/#/settings")
        page.evaluate(_CONVERT, ["baseline", "aac"])
        page.goto(f"{street.house.origin}/#/camera/mjpeg")
        expect(page.get_by_text("kann das Videoformat der Kamera nicht abspielen")).to_be_visible()
        still = page.locator("img.still")
        until(lambda: still.evaluate("(image) => image.naturalWidth") > 0, 15, "a still is shown", page)
        first = still.get_attribute("src")
        until(lambda: still.get_attribute("src") != first, 10, "the still is renewed", page)
        page.screenshot(path=SHOTS / "stills-mjpeg-1440-light-de.png")
        page.evaluate("converting.forEach((socket) => socket.close())")
        watch(page, street, "mjpeg")
