"""From camera to screen: when a numbered picture left the camera, and when the browser meant to show it."""

import base64
import time
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from playwright.sync_api import BrowserContext, Page

from wachtel.testing.scene.frame_number import BLOCK_PIXELS, REFERENCE_HEIGHT, read_frame_number

WATCH_PICTURES = """
globalThis.pictures = [];
const strip = document.createElement("canvas");
const seenVideos = new WeakSet();
function look(video) {
  if (seenVideos.has(video)) return;
  seenVideos.add(video);
  const next = (now, about) => {
    if (video.isConnected) video.requestVideoFrameCallback(next);
    const [width, height] = [about.width, about.height];
    const high = Math.max(1, Math.round(height * SHARE));
    if (strip.width !== width || strip.height !== 1) [strip.width, strip.height] = [width, 1];
    const context = strip.getContext("2d", { willReadFrequently: true });
    context.drawImage(video, 0, height - high + Math.floor(high / 2), width, 1, 0, 0, width, 1);
    const { data } = context.getImageData(0, 0, width, 1);
    let row = "";
    for (let i = 1; i < data.length; i += 4) row += String.fromCharCode(data[i]);
    const shown = performance.timeOrigin + about.expectedDisplayTime;
    pictures.push([shown, btoa(row), video.srcObject ? "webrtc" : "mse"]);
  };
  video.requestVideoFrameCallback(next);
}
const lookAround = () => document.querySelectorAll("video").forEach(look);
new MutationObserver(lookAround).observe(document, { childList: true, subtree: true });
""".replace("SHARE", str(BLOCK_PIXELS / REFERENCE_HEIGHT))


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture on the screen: when, in seconds of the wall clock, its number, and by which way it came."""

    at_s: float
    number: int
    way: str


@dataclass(slots=True)
class SendTimes:
    """A listener at a fake camera: when each picture left, in seconds of the wall clock.

    Read by other threads; the list only grows.
    """

    film_pictures: int
    at_s: list[float] = field(default_factory=list)

    def take(self, track: int, packets: list[bytes], key: bool) -> None:
        if track == 0:
            self.at_s.append(time.time())

    def take_report(self, track: int, report: bytes) -> None:
        """Reports hold no picture."""

    def end(self) -> None:
        """A loop does not end."""

    def sent_at(self, shown: Shown) -> float:
        """When the picture left that was shown then: the last one before with its number."""
        last = bisect_left(self.at_s, shown.at_s) - 1
        return self.at_s[last - (last - shown.number) % self.film_pictures]


def watch_pictures(context: BrowserContext) -> None:
    """Has every page of the context note each picture it shows."""
    context.add_init_script(WATCH_PICTURES)


def forget(page: Page) -> None:
    """What was noted so far."""
    page.evaluate("pictures.length = 0")


def shown(page: Page) -> list[Shown]:
    """What was noted; pictures whose number cannot be read are left out."""
    rows: list[list[Any]] = page.evaluate("pictures.splice(0)")
    found = []
    for at_ms, row, way in rows:
        gray = np.frombuffer(base64.b64decode(row), np.uint8)
        number = read_frame_number(np.broadcast_to(gray, (REFERENCE_HEIGHT, gray.size)))
        if number is not None:
            found.append(Shown(at_ms / 1000, number, way))
    return found
