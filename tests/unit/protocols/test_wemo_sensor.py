"""A camera as a Wemo sensor: every question has an answer, and nobody is told who did not ask for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wachtel.base.units import MonoS
from wachtel.protocols import upnp
from wachtel.protocols.wemo_sensor import (
    CONTROL,
    DESCRIPTION,
    EVENTS,
    LARGEST_BODY_BYTES,
    SERVICES,
    MotionSensor,
    Reply,
    Request,
    camera_identity,
    notification,
    read_head,
)

CLIENT = "192.168.1.9"
SUBSCRIBE = {"callback": f"<http://{CLIENT}:8989/sub/x>", "nt": "upnp:event", "timeout": "Second-300"}
PATHS = st.sampled_from([DESCRIPTION, SERVICES, CONTROL, EVENTS, "/", "*", "/../etc/passwd"])
METHODS = st.sampled_from(["GET", "POST", "SUBSCRIBE", "UNSUBSCRIBE", "NOTIFY", "PUT"])


def sensor() -> MotionSensor:
    numbers = iter(range(10_000))
    return MotionSensor(camera_identity("0123456789ABCD", "Flur"), lambda: str(next(numbers)))


def ask(
    one: MotionSensor,
    method: str,
    path: str,
    headers: dict[str, str] | None = None,
    now: float = 0.0,
    body: bytes = b"",
) -> Reply:
    return one.answer(Request(method, path, headers or {}, body), CLIENT, MonoS(now))


def test_it_says_honestly_what_it_is() -> None:
    read = upnp.read_description(ask(sensor(), "GET", DESCRIPTION).body)
    assert read is not None
    assert (read.make, read.model, read.firmware) == ("Belkin International Inc.", "Wachtel", "Wachtel")
    assert (read.udn, read.name, read.event_path) == ("uuid:Sensor-1_0-0123456789ABCD", "Flur", EVENTS)
    assert b"no Belkin device" in ask(sensor(), "GET", DESCRIPTION).body


def test_its_state_is_told_when_asked() -> None:
    one = sensor()
    header = {"soapaction": '"urn:Belkin:service:basicevent:1#GetBinaryState"'}
    assert b"<BinaryState>0<" in ask(one, "POST", CONTROL, header, body=b"<a/>").body
    one.state = True
    assert b"<BinaryState>1<" in ask(one, "POST", CONTROL, header, body=b"<a/>").body
    assert upnp.read_binary_state(one.event()) is True
    header = {"soapaction": '"urn:Belkin:service:basicevent:1#SetBinaryState"'}
    refused = ask(one, "POST", CONTROL, header, body=b"<a/>")
    assert refused.status == 200 and b"Fault" in refused.body


def test_a_subscription_from_its_beginning_to_its_end() -> None:
    one = sensor()
    began = ask(one, "SUBSCRIBE", EVENTS, SUBSCRIBE)
    assert (began.status, began.headers["TIMEOUT"]) == (200, "Second-300") and began.began is not None
    sid = began.headers["SID"]
    assert ask(one, "SUBSCRIBE", EVENTS, {"sid": sid, "timeout": "Second-300"}, 200).status == 200
    assert ask(one, "SUBSCRIBE", EVENTS, {"sid": sid}, 501).status == 412
    again = ask(one, "SUBSCRIBE", EVENTS, SUBSCRIBE, 501)
    assert ask(one, "UNSUBSCRIBE", EVENTS, {"sid": again.headers["SID"]}).ended is not None
    assert ask(one, "UNSUBSCRIBE", EVENTS, {"sid": again.headers["SID"]}).status == 412
    assert one.book.all() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"callback": "<http://192.168.1.8:80/>"},
        {"callback": ""},
        {"nt": "upnp:other"},
        {"sid": "uuid:strange"},
    ],
)
def test_a_subscription_for_somebody_else_or_none_is_refused(wrong: dict[str, str]) -> None:
    reply = ask(sensor(), "SUBSCRIBE", EVENTS, SUBSCRIBE | wrong)
    assert reply.status in (400, 412) and reply.began is None


def test_what_a_subscriber_is_sent() -> None:
    one = sensor()
    began = ask(one, "SUBSCRIBE", EVENTS, SUBSCRIBE).began
    assert began is not None
    text = notification(began, began.next_number(), one.event())
    read = read_head(text.partition(b"\r\n\r\n")[0])
    assert read is not None and (read.method, read.path) == ("NOTIFY", "/sub/x")
    assert read.headers["seq"] == "0" and read.headers["sid"] == began.sid
    assert read.body_bytes == len(text.partition(b"\r\n\r\n")[2])


@given(METHODS, PATHS, st.dictionaries(st.sampled_from([*SUBSCRIBE, "sid", "soapaction"]), st.text(max_size=60)),
       st.binary(max_size=200), st.floats(0, 1e6))  # fmt: skip
def test_every_question_is_answered(
    method: str, path: str, headers: dict[str, str], body: bytes, now: float
) -> None:
    one = sensor()
    reply = one.answer(Request(method, path, headers, body), CLIENT, MonoS(now))
    assert reply.status in (200, 400, 404, 405, 412)
    assert reply.encoded().startswith(b"HTTP/1.1 ")
    assert all(known.callback.host == CLIENT for known in one.book.all())


@given(st.binary(max_size=400))
def test_no_head_upsets_the_reader(head: bytes) -> None:
    read = read_head(b"GET / HTTP/1.1\r\n" + head)
    if read is not None:
        assert -1 <= read.body_bytes <= LARGEST_BODY_BYTES
    read_head(head)
