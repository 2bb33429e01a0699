"""Messages of a real server to a real receiver; kill -9 between event and message."""

import hashlib
import hmac
import json
import time
from pathlib import Path

import pytest
from running_server import RunningServer, wachtel, wait_until
from webhook_receiver import Got, Receiver

from wachtel.app.scene_folder import scene_folder
from wachtel.testing.fake_camera.options import FakeCameraOptions
from wachtel.testing.fake_camera.threaded import ThreadedFakeCamera
from wachtel.testing.scene.render import render_scene


def signed(got: Got, secret: str) -> bool:
    text = got.headers["wachtel-timestamp"].encode() + b"." + got.body
    wanted = "v1=" + hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()
    return got.headers["wachtel-signature"] == wanted


def add_channel(data: Path, url: str, *more: str) -> dict[str, str]:
    done = wachtel("channel", "add", url, "--name", "Hook", "--data", data, "--json", *more)
    channel: dict[str, str] = json.loads(done.stdout)
    return channel


@pytest.mark.timeout(180)
def test_an_event_reaches_the_receiver_signed_and_a_kill_loses_no_message(tmp_path: Path) -> None:
    main, sub = render_scene(scene_folder())
    data = tmp_path / "data"
    with ThreadedFakeCamera(main, sub, FakeCameraOptions(loop=True)) as camera, Receiver() as receiver:
        channel = add_channel(data, receiver.url, "--on", "event_began", "--on", "event_ended")
        arguments = ["camera", "add", camera.main_url, "--name", "Garden", "--data", data]
        wachtel(*arguments, "--sub", camera.sub_url or "")
        receiver.stop()
        with RunningServer(data) as server:
            wait_until(lambda: journalled(data, "signal") >= 1, 60, "an event began")
            server.kill_main()
            server.reap()
            assert receiver.got == []
            receiver.start()
            server.start()
            wait_until(lambda: len(receiver.accepted) >= 2, 60, "began and ended came")
            with server.client() as client:
                tries = client.get(f"/api/v1/channels/{channel['id']}/deliveries").json()
                numbers = client.get("/metrics").text
        assert all(signed(got, channel["secret"]) for got in receiver.got)
        assert len(set(receiver.accepted)) == len(receiver.accepted)
        first = receiver.got[0].json
        assert first["kind"] == "event_began" and first["cameras"] == [{"id": "garden", "name": "Garden"}]
        assert first["event"] + ".event_began" == first["id"] == receiver.got[0].key
        assert abs(time.time() - int(receiver.got[0].headers["wachtel-timestamp"])) < 120
        assert {one["result"] for one in tries} >= {"delivered"}
        assert 'wachtel_deliveries_total{result="delivered"}' in numbers
        assert "/hook" not in wachtel("channel", "list", "--data", data, "--json").stdout


def journalled(data: Path, kind: str) -> int:
    lines = [
        json.loads(line)
        for journal in (data / "archive").glob("*/*/journal/*.jsonl")
        for line in journal.read_text().splitlines()
        if line.endswith("}")
    ]
    return sum(line["t"] == kind for line in lines)
