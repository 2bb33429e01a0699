"""The camera's page shows the picture at once, and by WebRTC as soon as that stands; whatever fails, it goes on."""

import pytest
from page_rig import House, Look, frame_number, look_at, until, until_moving
from playwright.sync_api import Browser, Page, Response, expect

pytestmark = pytest.mark.timeout(120)

WITHIN_S = 30.0

_NOTE_WHAT_IS_SEEN = """
globalThis.seen = [];
const small = document.createElement("canvas");
[small.width, small.height] = [16, 9];
const context = small.getContext("2d", { willReadFrequently: true });
function look() {
  requestAnimationFrame(look);
  const video = document.querySelector("video[data-shown]");
  if (!video || video.readyState < 2) {
    // While it looks for its place a film shows the picture before; a stream without a picture is dark.
    if (seen.length && (!video || video.srcObject)) seen.push({ way: "none", light: 0 });
    return;
  }
  context.drawImage(video, 0, 0, 16, 9);
  const { data } = context.getImageData(0, 0, 16, 9);
  let light = 0;
  for (let i = 1; i < data.length; i += 4) light += data[i] / (data.length / 4);
  seen.push({ way: video.srcObject ? "webrtc" : "websocket", light });
}
requestAnimationFrame(look);
"""

_NOBODY_ANSWERS = """
const set = RTCPeerConnection.prototype.setRemoteDescription;
RTCPeerConnection.prototype.setRemoteDescription = function (description) {
  const sdp = description.sdp.replace(/(a=candidate:\\S+ \\d udp \\d+ \\S+) \\d+/g, "$1 9");
  return set.call(this, { ...description, sdp });
};
"""


def _is_answer(response: Response) -> bool:
    return "/whep" in response.url and response.request.method == "POST"


def way(page: Page) -> str:
    """How the picture comes that is on the screen."""
    found: str = page.evaluate(
        """() => {
          const video = document.querySelector("video[data-shown]");
          return !video || video.readyState < 2 ? "none" : video.srcObject ? "webrtc" : "websocket";
        }"""
    )
    return found


def open_camera(page: Page, house: House) -> None:
    house.log_in(page.context)
    page.goto(f"{house.origin}/#/camera/garten")


def moved(page: Page) -> None:
    """Waits for a picture that was not there before."""
    before = frame_number(page)
    until(lambda: frame_number(page) not in (None, before), WITHIN_S, "another picture is shown", page)


def test_webrtc_takes_over_without_a_dark_moment(browser: Browser, house: House) -> None:
    with look_at(browser, Look()) as page:
        page.add_init_script(_NOTE_WHAT_IS_SEEN)
        open_camera(page, house)
        until(lambda: way(page) == "webrtc", WITHIN_S, "WebRTC has taken over", page)
        until_moving(page, WITHIN_S)
        seen = page.evaluate("seen")
        assert {one["way"] for one in seen} == {"websocket", "webrtc"}
        first = seen[0]["light"]
        assert min(one["light"] for one in seen) > first / 2, "it was never dark"
        with house.server.client() as client:
            alone = "wachtel_live_viewers 0"
            until(lambda: alone in client.get("/metrics").text, WITHIN_S, "the other way is closed", page)


def test_where_nobody_answers_the_picture_just_goes_on(browser: Browser, house: House) -> None:
    with look_at(browser, Look()) as page:
        page.add_init_script(_NOBODY_ANSWERS)
        page.add_init_script(_NOTE_WHAT_IS_SEEN)
        with page.expect_response(_is_answer) as answered:
            open_camera(page, house)
        assert answered.value.status == 201
        until_moving(page, WITHIN_S)
        page.wait_for_timeout(4000)
        moved(page)
        assert way(page) == "websocket"
        expect(page.locator(".stage .veil")).to_have_count(0)
        assert {one["way"] for one in page.evaluate("seen")} == {"websocket"}


def test_when_webrtc_breaks_off_the_other_way_comes_back(browser: Browser, house: House) -> None:
    with look_at(browser, Look()) as page:
        with page.expect_response(_is_answer) as answered:
            open_camera(page, house)
        until(lambda: way(page) == "webrtc", WITHIN_S, "WebRTC has taken over", page)
        place = f"{house.origin}{answered.value.headers['location']}"
        assert page.context.request.delete(place, headers={"Origin": house.origin}).status == 200
        until(lambda: way(page) == "websocket", WITHIN_S, "the WebSocket is back", page)
        moved(page)


def test_a_hidden_picture_is_not_sent(browser: Browser, house: House) -> None:
    with look_at(browser, Look()) as page:
        open_camera(page, house)
        until(lambda: way(page) == "webrtc", WITHIN_S, "WebRTC has taken over", page)
        page.evaluate("document.querySelector('.picture').style.display = 'none'")
        with house.server.client() as client:
            nobody = "wachtel_webrtc_viewers 0"
            until(lambda: nobody in client.get("/metrics").text, WITHIN_S, "nobody is sent it", page)
        page.evaluate("document.querySelector('.picture').style.display = ''")
        until(lambda: way(page) == "webrtc", WITHIN_S, "WebRTC is back", page)
        moved(page)
