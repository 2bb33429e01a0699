"""How long after motion began its message, with picture, is at a phone, in a mailbox and on a device. JSON lines.

A real server watches the drawn garden by a fake camera; real receivers on loopback take what it sends: an ntfy-like
server, a mail server, and a push service that decrypts. Measured is from the wall clock of the first picture in which
something moved to the moment at which the receiver has the whole message.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/rigs"))

from mail_server import MailServer  # noqa: E402
from ntfy_receiver import NtfyServer, sequence_of  # noqa: E402
from push_service import PushService  # noqa: E402
from running_server import RunningServer, wachtel  # noqa: E402
from webhook_receiver import Got  # noqa: E402

from wachtel.app.scene_folder import scene_folder  # noqa: E402
from wachtel.automation.channels import ChannelBook, NewChannel  # noqa: E402
from wachtel.base.clock import SystemClock  # noqa: E402
from wachtel.model.message import MessageKind  # noqa: E402
from wachtel.model.wishes import Wishes  # noqa: E402
from wachtel.notifiers.email.composing import message_id  # noqa: E402
from wachtel.storage.state import open_state  # noqa: E402
from wachtel.testing.fake_camera.options import FakeCameraOptions  # noqa: E402
from wachtel.testing.fake_camera.threaded import ThreadedFakeCamera  # noqa: E402
from wachtel.testing.scene.render import render_scene  # noqa: E402

GOAL_S = 1.0
SENDER = "wachtel@house.example"
BEGAN = frozenset({MessageKind.EVENT_BEGAN})
EACH = Wishes(per_hour=0)


def timed(
    arrivals: dict[str, float], key: Callable[[Got], str], take: Callable[[Got], int]
) -> Callable[[Got], int]:
    """Notes when a message arrived."""

    def answer(got: Got) -> int:
        at = time.time()
        status = take(got)
        if status < 300:
            arrivals.setdefault(key(got), at)
        return status

    return answer


def add_channels(data: Path, phone: NtfyServer, mail: MailServer, push: PushService) -> None:
    """While the server is off: the page would let nobody name a push service in the house."""
    state = open_state(data)
    book = ChannelBook(state.channels, SystemClock())
    who = {"from": SENDER, "to": "anna@house.example", "security": "none"}
    for kind, url, fields in (
        ("ntfy", phone.topic_url, {}),
        ("email", f"127.0.0.1:{mail.port}", who),
        ("webpush", push.endpoint, push.fields),
    ):
        book.add(NewChannel(kind, kind, url, kinds=BEGAN, allow_local=True, fields=fields, wishes=EACH))
    state.close()


def measure(data: Path, seconds: float) -> dict[str, list[float]]:
    """The delays of each way."""
    arrivals: dict[str, dict[str, float]] = {"ntfy": {}, "email": {}, "webpush": {}}
    main, sub = render_scene(scene_folder())
    with (
        ThreadedFakeCamera(main, sub, FakeCameraOptions(loop=True)) as camera,
        NtfyServer() as phone,
        PushService() as push,
        MailServer() as mail,
    ):
        phone.answer = timed(arrivals["ntfy"], lambda got: got.headers["sequence-id"], phone.answer)
        push.answer = timed(arrivals["webpush"], lambda got: got.headers["topic"], push.answer)

        def took(letter: EmailMessage) -> str:
            arrivals["email"].setdefault(str(letter["Message-ID"]), time.time())
            return "250 OK"

        mail.answer = took
        wachtel(
            "camera", "add", camera.main_url, "--name", "Garden", "--data", data, "--sub", str(camera.sub_url)
        )
        add_channels(data, phone, mail, push)
        with RunningServer(data) as server:
            time.sleep(seconds)
            with server.client() as client:
                events = client.get("/api/v1/events", params={"limit": 200}).json()
        pictured = [one.attachment for one in phone.shown.values()]
    found = events["events"] if isinstance(events, dict) else events
    print(
        json.dumps(
            {"figure": "messages.pictures", "value": sum(bool(one) for one in pictured), "of": len(pictured)}
        )
    )
    return {way: delays(way, seen, found) for way, seen in arrivals.items()}


def delays(way: str, seen: dict[str, float], events: list[dict[str, str]]) -> list[float]:
    """From the beginning of each event to its message."""
    from datetime import datetime

    result = []
    for event in events:
        message = f"{event['id']}.event_began"
        key = message_id(message, SENDER) if way == "email" else sequence_of(message)
        if key in seen:
            result.append(seen[key] - datetime.fromisoformat(event["start"]).timestamp())
    return sorted(result)


def main() -> None:
    """Prints a line for each figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", type=float, nargs="?", default=120.0)
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder) / "data", parser.parse_args().seconds)
    for way, values in found.items():
        if not values:
            print(json.dumps({"figure": f"messages.{way}.p95_s", "value": None, "met": False}))
            continue
        p95 = values[min(len(values) - 1, len(values) * 95 // 100)]
        line = {"figure": f"messages.{way}.p95_s", "value": round(p95, 3), "events": len(values)}
        line |= {"p50_s": round(values[len(values) // 2], 3), "goal": GOAL_S, "met": p95 <= GOAL_S}
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
