"""What comes by itself: live pictures and news."""

import json
from typing import Any

import pytest
from conftest import ORIGIN, House
from web_client import AppClient, Conversation
from web_fakes import START, an_event

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.access import Scope
from wachtel.model.camera import CameraCondition, StreamState
from wachtel.model.live import CameraChanged, EventChanged
from wachtel.model.stream import StreamName
from wachtel.web.answers import close_reason
from wachtel.web.live import MOST_OF_ONE

LIVE = "/api/v1/cameras/flur/live"


@pytest.fixture
def viewer(house: House) -> AppClient:
    return house.client(house.token(Scope.VIEW, frozenset({"home"})))


def text_of(socket: Conversation) -> Any:
    return json.loads(socket.receive()["text"])


def test_a_live_view(house: House, viewer: AppClient) -> None:
    socket = viewer.socket(LIVE)
    assert socket.receive()["type"] == "websocket.accept"
    assert text_of(socket) == {
        "type": "init",
        "mime": 'video/mp4; codecs="avc1.64001f"',
        "width": 640,
        "height": 360,
    }
    assert socket.receive()["bytes"] == b"init"
    assert socket.receive()["bytes"] == b"moofmdat-1"
    state = text_of(socket)
    assert (state["type"], state["condition"], state["reason"]) == ("state", "stalled", "stalled")
    assert socket.receive()["bytes"] == b"moofmdat-2"
    assert socket.silent()
    socket.leave("websocket.disconnect")
    assert house.engine.views[0].closed


def test_a_viewer_who_sends_something_is_not_heard(house: House, viewer: AppClient) -> None:
    socket = viewer.socket(LIVE)
    for _ in range(6):
        socket.receive()
    for _ in range(100):
        socket.send({"type": "websocket.receive", "text": "x" * 1000})
    assert socket.silent()
    socket.leave("websocket.disconnect")
    assert house.engine.views[0].closed


def test_a_stream_that_is_not_there(viewer: AppClient) -> None:
    socket = viewer.socket(f"{LIVE}?stream=sub")
    assert socket.receive()["type"] == "websocket.accept"
    closed = socket.receive()
    assert (closed["type"], closed["reason"]) == ("websocket.close", "This camera has no second stream.")
    socket.end()


def test_the_reason_for_closing_fits_into_its_frame() -> None:
    reason = close_reason(WachtelError(ErrorKind.NOT_FOUND, "Ü🦜" * 100))
    assert len(reason.encode()) <= 123
    assert reason.startswith("Ü🦜")


def test_a_stream_nobody_has(viewer: AppClient) -> None:
    socket = viewer.socket(f"{LIVE}?stream=third")
    assert socket.receive()["type"] in ("websocket.close", "websocket.http.response.start")
    socket.end()


def test_whoever_is_logged_out_sees_nothing_more(house: House) -> None:
    token = house.token(Scope.VIEW)
    socket = house.client(token).socket(LIVE)
    for _ in range(6):
        socket.receive()
    house.advance(16)
    assert socket.silent()
    house.state.tokens.remove(house.state.tokens.all()[0].id)
    house.advance(16)
    assert socket.receive()["code"] == 1008
    socket.end()
    assert house.engine.views[0].closed


def test_one_token_cannot_take_all_the_room(house: House) -> None:
    house.engine.pieces = []
    token, other = house.token(Scope.VIEW), house.token(Scope.VIEW, frozenset({"home"}))
    sockets = [house.client(token).socket(LIVE) for _ in range(MOST_OF_ONE)]
    assert {socket.receive()["type"] for socket in sockets} == {"websocket.accept"}
    refused = house.client(token).socket(LIVE)
    assert refused.receive()["type"] == "websocket.accept"
    closed = refused.receive()
    assert (closed["code"], closed["reason"]) == (1013, "You watch 128 live pictures already.")
    refused.end()
    sockets.pop().leave("websocket.disconnect")
    for more in (token, other):
        sockets.append(house.client(more).socket(LIVE))
        assert sockets[-1].receive()["type"] == "websocket.accept"
        assert sockets[-1].silent()
    for socket in sockets:
        socket.leave("websocket.disconnect")
    assert all(view.closed for view in house.engine.views)


def news_of(stream: Conversation) -> tuple[str, Any]:
    name, data = stream.receive()["body"].decode().strip().split("\n")
    return name, json.loads(data.removeprefix("data: "))


def test_news_as_it_happens(house: House, viewer: AppClient) -> None:
    stream = viewer.listen("/api/v1/stream")
    start = stream.receive()
    assert (start["status"], dict(start["headers"])[b"content-type"][:17]) == (200, b"text/event-stream")
    assert stream.receive()["body"] == b": ping\n\n"
    house.engine.news.put_nowait(EventChanged(an_event(4)))
    name, event = news_of(stream)
    assert (name, event["id"], event["seen"]) == ("event: event", "20261121T140400000Z-flur", False)
    house.engine.conditions["flur"] = {StreamName.MAIN: StreamState(CameraCondition.LIVE, START)}
    house.engine.news.put_nowait(CameraChanged("flur", "home"))
    name, camera = news_of(stream)
    assert (name, camera["streams"]["main"]["condition"]) == ("event: camera", "live")
    stream.leave("http.disconnect")


def test_news_of_foreign_sites_and_removed_cameras_stay_away(house: House, viewer: AppClient) -> None:
    stream = viewer.listen("/api/v1/stream")
    stream.receive()
    stream.receive()
    house.engine.news.put_nowait(EventChanged(an_event(4, "vorzelt", "caravan")))
    house.engine.news.put_nowait(CameraChanged("vorzelt", "caravan"))
    house.engine.news.put_nowait(CameraChanged("gone", "home"))
    assert stream.silent()
    house.advance(15)
    assert stream.receive()["body"] == b": ping\n\n"
    stream.leave("http.disconnect")


def test_news_end_when_the_right_is_lost(house: House) -> None:
    stream = house.client(house.token(Scope.VIEW)).listen("/api/v1/stream", {"origin": ORIGIN})
    stream.receive()
    stream.receive()
    house.state.tokens.remove(house.state.tokens.all()[0].id)
    house.advance(15)
    assert stream.receive() == {"type": "http.response.body", "body": b"", "more_body": False}
    stream.end()
