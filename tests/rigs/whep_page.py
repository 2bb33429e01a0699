"""WebRTC in a page: it offers, we answer; what the browser then counts."""

from typing import Any

from page_rig import House
from playwright.sync_api import Page

WATCH = """async ([camera, sound, stream]) => {
  const connection = new RTCPeerConnection();
  globalThis.watching = connection;
  connection.addTransceiver("video", { direction: "recvonly" });
  if (sound) connection.addTransceiver("audio", { direction: "recvonly" });
  const video = document.createElement("video");
  [video.muted, video.autoplay] = [true, true];
  const shown = new MediaStream();
  connection.ontrack = (event) => {
    shown.addTrack(event.track);
    if (event.track.kind === "video") video.srcObject = shown;
  };
  await connection.setLocalDescription(await connection.createOffer());
  const answer = await fetch(`/api/v1/cameras/${camera}/whep?stream=${stream}`, {
    method: "POST",
    headers: { "Content-Type": "application/sdp" },
    body: connection.localDescription.sdp,
  });
  if (answer.status !== 201) return { status: answer.status, text: await answer.text() };
  await connection.setRemoteDescription({ type: "answer", sdp: await answer.text() });
  document.body.replaceChildren(video);
  return { status: answer.status, location: answer.headers.get("Location") };
}"""

NOTE_CONNECTION = """globalThis.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...given) {
    super(...given);
    globalThis.watching = this;
  }
};"""
"""To run before the page's own code, for `received` of what the page itself opens."""

RECEIVED = """async () => {
  const found = {};
  const report = await watching.getStats();
  for (const one of report.values()) if (one.type === "inbound-rtp") {
    found[one.kind] = { ...one, codec: report.get(one.codecId)?.mimeType };
  }
  return found;
}"""


def watch(
    page: Page, house: House, *, camera: str = "garten", sound: bool = False, stream: str = "main"
) -> dict[str, Any]:
    """Opens a view by WebRTC in a page of our own origin."""
    page.goto(f"{house.origin}/#/settings")
    found: dict[str, Any] = page.evaluate(WATCH, [camera, sound, stream])
    return found


def unmute(page: Page) -> None:
    """Clicks, as browsers ask for it, and turns the sound on; what is muted counts as silent."""
    page.mouse.click(5, 5)
    page.evaluate("document.querySelector('video').muted = false")


def received(page: Page) -> dict[str, dict[str, Any]]:
    """The browser's inbound-rtp statistics by kind (``audio``, ``video``), with the ``codec``."""
    found: dict[str, dict[str, Any]] = page.evaluate(RECEIVED)
    return found
