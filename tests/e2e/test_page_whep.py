"""WebRTC in a real browser: it offers, we answer, the picture moves, and goes when the right to look goes."""

from typing import Any

import pytest
from page_rig import House, Look, look_at, until, until_moving
from playwright.sync_api import Browser, Page

WATCH = """async ([camera, sound, stream]) => {
  const connection = new RTCPeerConnection();
  globalThis.watching = connection;
  connection.addTransceiver("video", { direction: "recvonly" });
  if (sound) connection.addTransceiver("audio", { direction: "recvonly" });
  const video = document.createElement("video");
  [video.muted, video.autoplay] = [true, true];
  connection.ontrack = (event) => {
    if (event.track.kind !== "video") return;
    video.srcObject = new MediaStream([event.track]);
    void video.play();
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


def watch(page: Page, house: House, *, sound: bool = False, stream: str = "main") -> dict[str, Any]:
    """Opens a view by WebRTC in a page of our own origin."""
    page.goto(f"{house.origin}/#/settings")
    found: dict[str, Any] = page.evaluate(WATCH, ["garten", sound, stream])
    return found


@pytest.mark.parametrize("stream", ["main", "sub"])
def test_a_browser_sees_the_camera_by_webrtc(browser: Browser, house: House, stream: str) -> None:
    with look_at(browser, Look()) as page:
        house.log_in(page.context)
        assert watch(page, house, stream=stream)["status"] == 201
        until_moving(page, 20)


def test_a_view_ends_when_it_is_left_and_when_the_session_is_gone(browser: Browser, house: House) -> None:
    with look_at(browser, Look()) as page:
        house.log_in(page.context)
        where = watch(page, house)["location"]
        until_moving(page, 20)
        headers = {"Origin": house.origin}
        assert page.context.request.delete(f"{house.origin}{where}", headers=headers).status == 200
        until(lambda: page.evaluate("watching.connectionState") != "connected", 10, "it is over", page)
        assert page.context.request.delete(f"{house.origin}{where}", headers=headers).status == 404

        assert watch(page, house)["status"] == 201
        until_moving(page, 20)
        page.context.request.delete(f"{house.origin}/api/v1/session", headers=headers)
        until(lambda: page.evaluate("watching.connectionState") != "connected", 10, "it is over", page)
