"""pywemo as a neighbour of a Wachtel with one camera, in a network of its own: run by `unshare`, prints what came.

``python wemo_neighbour.py FOLDER ADDRESS``. Everything is real but the camera: the process that shows it, SSDP by
multicast, subscriptions over TCP.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pywemo.discovery import discover_devices
from pywemo.subscribe import SubscriptionRegistry

from wachtel.automation.wemo.presence import WemoPresence
from wachtel.base.clock import SystemClock
from wachtel.base.units import WallUs
from wachtel.model.camera import Camera, CameraCondition, StreamState
from wachtel.model.event import Event, EventKind
from wachtel.model.live import Announcement, EventChanged
from wachtel.model.stream import StreamName
from wachtel.pipeline.announcements import Broadcast
from wachtel.storage.state import State, open_state

NAME = "Küche, Flur & Garten hinter dem Haus"


class Live:
    """A camera that gives pictures."""

    def of(self, camera: str) -> Mapping[StreamName, StreamState]:
        return {StreamName.MAIN: StreamState(CameraCondition.LIVE, WallUs(0))}


def moving(end: int | None) -> EventChanged:
    """Something moves, or moved until ``end``."""
    start = WallUs(1_700_000_000_000_000)
    ended = None if end is None else WallUs(start + end)
    return EventChanged(Event("e1", "home", "flur", EventKind.MOTION, start, start, ended, 1.0))


async def until(condition: Callable[[], Any], what: str) -> None:
    """Waits for something that comes about by itself."""
    ends = time.monotonic() + 30
    while not condition():
        if time.monotonic() > ends:
            raise AssertionError(what)
        await asyncio.sleep(0.02)


async def shown(state: State, news: Broadcast[Announcement], address: str) -> WemoPresence:
    """The camera is to be seen."""
    presence = WemoPresence(state, news, Live(), SystemClock())
    await presence.start()
    if not presence.addresses():
        await presence.listen_at([address])
        await presence.show("flur", 1.0)
    await until(lambda: [one for one in presence.sensors() if one.urls], "it listens")
    return presence


async def play(folder: Path, address: str) -> dict[str, Any]:
    """What pywemo found and heard."""
    state = open_state(folder)
    state.cameras.add(Camera("flur", "home", NAME, "rtsp://10.0.0.1/x"))
    news: Broadcast[Announcement] = Broadcast()
    presence = await shown(state, news, address)
    devices = await asyncio.to_thread(lambda: discover_devices(max_entries=1))
    motion = next(one for one in devices if type(one).__name__ == "Motion")
    found = {
        "name": motion.name,
        "model": motion.model_name,
        "serial": motion.serial_number,
        "url": motion.session.url,
    }
    heard: list[str] = []
    registry = SubscriptionRegistry()
    registry.start()
    registry.on(motion, "BinaryState", lambda _device, _kind, value: heard.append(value))
    registry.register(motion)
    await until(lambda: registry.is_subscribed(motion), "the first event came")
    news.tell(moving(None))
    await until(lambda: heard[-1:] == ["1"], "motion on")
    on = await asyncio.to_thread(motion.get_state, True)
    news.tell(moving(1))
    await until(lambda: heard[-1:] == ["0"], "motion off")
    first, heard[:] = list(heard), []
    (subscription,) = registry._subscriptions[motion]
    await presence.close()
    presence = await shown(state, news, address)
    same_place = [one.urls for one in presence.sensors()] == [(found["url"],)]
    old = subscription.subscription_id
    await asyncio.to_thread(subscription.maintain)
    await until(lambda: heard == ["0"], "subscribed anew after our restart")
    news.tell(moving(None))
    await until(lambda: heard[-1:] == ["1"], "motion on again")
    assert presence._worker is not None and presence._worker._process is not None
    presence._worker._process.kill()
    await until(lambda: presence._worker and presence._worker.restarts and presence.sensors()[0].urls, "back")
    heard.clear()
    await asyncio.to_thread(subscription.maintain)
    await until(lambda: heard == ["1"], "subscribed anew after a kill, and it still moves")
    registry.unregister(motion)
    registry.stop()
    await presence.close()
    state.close()
    return {
        "found": found,
        "heard": first,
        "on": on,
        "same_place": same_place,
        "anew": subscription.subscription_id != old,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(play(Path(sys.argv[1]), sys.argv[2]))) + "\n")
