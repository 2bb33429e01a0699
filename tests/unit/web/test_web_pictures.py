"""Motion JPEG: one producer for all viewers, newest pictures only, and nothing for those who may not look."""

import base64

import pytest
from conftest import House
from web_client import AppClient, Conversation

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.access import Scope
from wachtel.web.pictures import MOST_OF_ONE

PATH = "/api/v1/cameras/flur/stream.mjpeg"


class Stills:
    """A camera whose pictures are numbers."""

    def __init__(self) -> None:
        self.asked = 0

    async def latest(self, camera: str) -> bytes:
        self.asked += 1
        return f"{camera} {self.asked}".encode()


@pytest.fixture
def stills(house: House, monkeypatch: pytest.MonkeyPatch) -> Stills:
    made = Stills()
    monkeypatch.setattr(house.engine, "latest", made.latest)
    return made


def open_at(house: House, token: str) -> Conversation:
    stream = house.client(token).listen(PATH)
    start = stream.receive()
    kind = dict(start["headers"])[b"content-type"]
    assert (start["status"], kind) == (200, b"multipart/x-mixed-replace; boundary=picture")
    return stream


def picture(stream: Conversation) -> bytes:
    body: bytes = stream.receive()["body"]
    head, _, jpeg = body.partition(b"\r\n\r\n")
    assert head.startswith(b"--picture\r\nContent-Type: image/jpeg\r\nContent-Length: ")
    return jpeg.removesuffix(b"\r\n")


def test_pictures_come_one_after_another(house: House, stills: Stills) -> None:
    stream = open_at(house, house.token(Scope.VIEW))
    first = picture(stream)
    assert stream.silent()
    house.advance(0.25)
    assert picture(stream) != first
    stream.leave("http.disconnect")


def test_many_viewers_cost_no_more_than_one(house: House, stills: Stills) -> None:
    token = house.token(Scope.VIEW)
    streams = [open_at(house, token) for _ in range(20)]
    for stream in streams:
        picture(stream)
    before = stills.asked
    house.advance(0.25)
    assert len({picture(stream) for stream in streams}) == 1
    assert stills.asked == before + 1
    for stream in streams:
        stream.leave("http.disconnect")
    house.advance(5.0)
    assert stills.asked == before + 1


def test_the_stream_ends_when_the_token_is_withdrawn(house: House, stills: Stills) -> None:
    token = house.token(Scope.VIEW)
    stream = open_at(house, token)
    picture(stream)
    for known in house.state.tokens.all():
        house.state.tokens.remove(known.id)
    house.advance(1.0)
    assert stream.receive() == {"type": "http.response.body", "body": b"", "more_body": False}


def test_one_token_cannot_take_all_the_room(house: House, stills: Stills) -> None:
    token = house.token(Scope.VIEW)
    streams = [open_at(house, token) for _ in range(MOST_OF_ONE)]
    refused = house.client(token).get(PATH)
    assert refused.status_code == 503
    assert refused.json()["error"]["what"] == "You watch 32 streams of Motion JPEG already."
    other = open_at(house, house.token(Scope.VIEW, frozenset({"home"})))
    streams.pop().leave("http.disconnect")
    for stream in (*streams, other, open_at(house, token)):
        stream.leave("http.disconnect")


def test_a_program_may_log_in_by_basic(house: House, stills: Stills) -> None:
    token = house.token(Scope.VIEW)
    name = house.state.tokens.all()[-1].name
    basic = base64.b64encode(f"{name}:{token}".encode()).decode()
    head = house.client().head(PATH, headers={"authorization": f"Basic {basic}"})
    assert (head.status_code, head.content) == (200, b"")
    assert house.client().get(PATH).status_code == 401


def test_a_camera_without_a_picture_says_so(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def latest(camera: str) -> bytes:
        raise WachtelError(ErrorKind.NOT_FOUND, "There is no picture yet.")

    monkeypatch.setattr(house.engine, "latest", latest)
    client: AppClient = house.client(house.token(Scope.VIEW))
    assert client.get(PATH).status_code == 404


def test_a_camera_that_pauses_goes_on(house: House, stills: Stills, monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(camera: str) -> bytes:
        raise WachtelError(ErrorKind.TIMEOUT, "There is no picture at the moment.")

    stream = open_at(house, house.token(Scope.VIEW))
    picture(stream)
    with monkeypatch.context() as away:
        away.setattr(house.engine, "latest", nothing)
        house.advance(0.25)
        assert stream.silent()
    house.advance(1.0)
    assert picture(stream).startswith(b"flur")
    stream.leave("http.disconnect")
