"""Messages of a real server to a real receiver; kill -9 between event and message."""

import hashlib
import hmac
import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from mail_server import MailServer
from ntfy_receiver import NtfyServer, sequence_of
from running_server import RunningServer, wachtel, wait_until
from webhook_receiver import Got, Receiver

from wachtel.app.scene_folder import scene_folder
from wachtel.notifiers.email.composing import message_id
from wachtel.testing.fake_camera.options import FakeCameraOptions
from wachtel.testing.fake_camera.threaded import ThreadedFakeCamera
from wachtel.testing.scene.render import render_scene


@pytest.mark.timeout(180)
def test_a_kill_between_event_and_message_loses_no_message(tmp_path: Path) -> None:
    """While somebody else holds state.sqlite, the event is on the disk and its message cannot be put anywhere.

    By every way: a webhook, a phone and a mail program, each of which can tell a repeat.
    """
    data = tmp_path / "data"
    with house(data), Receiver() as receiver, NtfyServer() as phone, MailServer() as mail:
        channel = add_channel(data, receiver.url, "event_began", "event_ended")
        add_people(data, phone, mail)
        with RunningServer(data) as server:
            with server.client() as client:
                wait_until(lambda: live(client.get("/api/v1/cameras").json()), 30, "the camera is live")
            with held(data / "state.sqlite"):
                wait_until(
                    lambda: events_in_index(data) >= 1, 60, "an event is in the journal and in the index"
                )
                server.kill_main()
            assert receiver.got == [] and outbox(data) == []
            assert journalled(data, "signal") >= 1
            server.reap()
            server.start()
            wait_until(lambda: len(receiver.accepted) >= 2, 60, "began and ended came")
            wait_until(lambda: bool(phone.shown and mail.mails), 60, "phone and mail program have it")
            judge_one_server_run(server, channel)
        judge(receiver, channel)
        judge_people(phone, mail, f"{first_event(data)}.event_began")
        assert receiver.got[0].key == f"{first_event(data)}.event_began"
        assert receiver.got[1].key == f"{first_event(data)}.event_ended"


@pytest.mark.timeout(180)
def test_a_kill_while_the_receiver_is_away_loses_no_message(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with house(data), Receiver() as receiver, NtfyServer() as phone, MailServer() as mail:
        channel = add_channel(data, receiver.url, "event_began")
        add_people(data, phone, mail)
        for one in (receiver, phone, mail):
            one.stop()
        with RunningServer(data) as server:
            wait_until(lambda: len(outbox(data)) >= 3, 60, "the messages wait")
            server.kill_group()
            server.reap()
            for one in (receiver, phone, mail):
                one.start()
            server.start()
            wait_until(lambda: len(receiver.accepted) >= 1, 60, "it came")
            wait_until(lambda: bool(phone.shown and mail.mails), 60, "phone and mail program have it")
            time.sleep(0.2)
        judge(receiver, channel)
        judge_people(phone, mail, f"{first_event(data)}.event_began")


@pytest.mark.timeout(120)
def test_a_camera_that_goes_away_and_comes_back_is_told(tmp_path: Path) -> None:
    data = tmp_path / "data"
    main, sub = render_scene(scene_folder())
    options = FakeCameraOptions(loop=True)
    with Receiver() as receiver:
        channel = add_channel(data, receiver.url, "camera_offline", "camera_back")
        with ThreadedFakeCamera(main, sub, options) as camera:
            add_camera(data, camera)
            port = int(camera.main_url.rpartition(":")[2].partition("/")[0])
            server = RunningServer(data)
            server.start()
            with server.client() as client:
                wait_until(lambda: live(client.get("/api/v1/cameras").json()), 30, "the camera is live")
                client.patch("/api/v1/cameras/garden", json={"gap_limit_s": 10}).raise_for_status()
                wait_until(lambda: live(client.get("/api/v1/cameras").json()), 30, "it is live again")
        try:
            took = wait_until(lambda: len(receiver.got) == 1, 40, "the camera is told to be away")
            assert 8 <= took <= 20
            with ThreadedFakeCamera(main, sub, FakeCameraOptions(loop=True, port=port)):
                wait_until(lambda: len(receiver.got) == 2, 40, "the camera is told to be back")
        finally:
            server.stop()
        judge(receiver, channel)
        assert [got.json["kind"] for got in receiver.got] == ["camera_offline", "camera_back"]
        assert receiver.got[0].json["start"] == receiver.got[1].json["start"]
        assert receiver.got[0].json["reason"] in ("refused", "unreachable", "stream_ended")


def test_the_commands(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with Receiver() as receiver, RunningServer(data):
        made = wachtel("channel", "add", receiver.url, "--name", "Haus", "--data", data)
        secret = made.stdout.strip()
        assert len(secret) >= 43
        tested = wachtel("channel", "test", "Haus", "--data", data)
        assert tested.stdout.startswith("Haus took the message within ")
        assert signed(receiver.got[0], secret) and receiver.got[0].json["kind"] == "test"
        listed = wachtel("channel", "list", "--data", data).stdout.split("\t")
        assert listed[1:4] == ["Haus", "*", f"http://127.0.0.1:{receiver.port}/…"]
        receiver.stop()
        failed = wachtel("channel", "test", "Haus", "--data", data, check=False)
        assert failed.returncode == 1 and "nobody listens" in failed.stderr
        wachtel("channel", "remove", "Haus", "--data", data)
        assert wachtel("channel", "list", "--data", data).stdout == ""
    unknown = wachtel("channel", "remove", "Haus", "--data", data, check=False)
    assert (unknown.returncode, unknown.stderr.count("\n")) == (1, 1)


@contextmanager
def house(data: Path) -> Iterator[None]:
    """A data folder with the garden's camera, which is running."""
    main, sub = render_scene(scene_folder())
    with ThreadedFakeCamera(main, sub, FakeCameraOptions(loop=True)) as camera:
        add_camera(data, camera)
        yield


def add_camera(data: Path, camera: ThreadedFakeCamera) -> None:
    assert camera.sub_url is not None
    wachtel("camera", "add", camera.main_url, "--name", "Garden", "--data", data, "--sub", camera.sub_url)


def add_channel(data: Path, url: str, *kinds: str) -> dict[str, str]:
    on = [word for kind in kinds for word in ("--on", kind)]
    done = wachtel("channel", "add", url, "--name", "Hook", "--data", data, "--json", *on)
    channel: dict[str, str] = json.loads(done.stdout)
    return channel


def add_people(data: Path, phone: NtfyServer, mail: MailServer) -> None:
    """A phone and a mail program hear of the beginning of events."""
    rest = ("--on", "event_began", "--data", data)
    wachtel("channel", "add", phone.topic_url, "--kind", "ntfy", "--name", "Phone", "--language", "de", *rest)
    fields = ("from=wachtel@house.example", "to=anna@house.example", "security=none")
    wachtel(
        "channel", "add", f"127.0.0.1:{mail.port}", "--kind", "email", "--name", "Mail",
        *(word for field in fields for word in ("--field", field)), *rest,
    )  # fmt: skip


def judge_people(phone: NtfyServer, mail: MailServer, first: str) -> None:
    """Each has the message once, with the picture and a link to the event."""
    assert len(phone.shown) == len(phone.arrivals) and len(mail.inbox) == len(mail.mails)
    shown = phone.shown[sequence_of(first)]
    assert shown.title == "Bewegung: Garden" and (shown.attachment or b"")[:2] == b"\xff\xd8"
    assert "/#/event/" in shown.click and "?at=" in shown.click
    letter = mail.inbox[message_id(first, "wachtel@house.example")]
    (picture,) = [part for part in letter.walk() if part.get_content_type() == "image/jpeg"]
    assert picture.get_content()[:2] == b"\xff\xd8"


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Nobody else can write to this database."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()


def rows(path: Path, question: str) -> list[tuple[str, ...]]:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return connection.execute(question).fetchall()
    finally:
        connection.close()


def outbox(data: Path) -> list[tuple[str, ...]]:
    return rows(data / "state.sqlite", "select event, state from outbox")


def events_in_index(data: Path) -> int:
    return len(rows(data / "index.sqlite", "select id from event"))


def first_event(data: Path) -> str:
    return rows(data / "index.sqlite", "select id from event order by start")[0][0]


def journalled(data: Path, kind: str) -> int:
    lines = [
        json.loads(line)
        for journal in (data / "archive").glob("*/*/journal/*.jsonl")
        for line in journal.read_text().splitlines()
        if line.endswith("}")
    ]
    return sum(line["t"] == kind for line in lines)


def live(cameras: list[dict[str, dict[str, dict[str, str]]]]) -> bool:
    return [camera["streams"]["main"]["condition"] for camera in cameras] == ["live"]


def judge_one_server_run(server: RunningServer, channel: dict[str, str]) -> None:
    """What the API says of what was delivered."""
    with server.client() as client:
        tries = client.get(f"/api/v1/channels/{channel['id']}/deliveries").json()
        numbers = client.get("/metrics").text
        listed = client.get("/api/v1/channels").text
    assert {one["result"] for one in tries} == {"delivered"}
    assert 'wachtel_deliveries_total{result="delivered"} ' in numbers
    assert f'wachtel_messages_waiting{{channel="{channel["id"]}"}} ' in numbers
    assert "/hook" not in listed and channel["secret"] not in listed


def judge(receiver: Receiver, channel: dict[str, str]) -> None:
    """Every message once, signed, and about the garden."""
    keys = receiver.accepted
    assert len(set(keys)) == len(keys)
    for got in receiver.got:
        assert signed(got, channel["secret"])
        assert got.json["id"] == got.key
        assert got.json["cameras"] == [{"id": "garden", "name": "Garden"}]
        assert abs(time.time() - int(got.headers["wachtel-timestamp"])) < 150


def signed(got: Got, secret: str) -> bool:
    text = got.headers["wachtel-timestamp"].encode() + b"." + got.body
    wanted = "v1=" + hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()
    return got.headers["wachtel-signature"] == wanted
