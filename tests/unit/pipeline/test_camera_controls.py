"""Movement ends when nobody asks for it any more, whatever happens to whoever did."""

import asyncio
from collections.abc import Callable, Sequence

import pytest

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.camera import Camera
from wachtel.model.device import Preset, Reach, Relay
from wachtel.pipeline import camera_controls
from wachtel.pipeline.camera_controls import HELD_S, STILL, ControlDesk
from wachtel.testing.clock import FakeClock

CAMERA = Camera("hof", "home", "Hof", "rtsp://192.168.1.9/", device_url="onvif://192.168.1.9/")


class ScriptedHead:
    """A device that notes what it is told; ``trouble`` is what it answers next."""

    schemes = frozenset({"onvif"})

    def __init__(self) -> None:
        self.told: list[tuple[float, float, float]] = []
        self.opened = self.closed = 0
        self.trouble: list[WachtelError | None] = []

    def open(self, *_: object) -> "ScriptedHead":
        self.opened += 1
        return self

    def close(self) -> None:
        self.closed += 1

    def reach(self) -> Reach:
        return Reach(zooms=False)

    def presets(self) -> Sequence[Preset]:
        return (Preset("1", "Tor"),)

    def go_to(self, preset: str) -> None:
        self._answer((9.0, 9.0, 9.0))

    def move(self, pan: float, tilt: float, zoom: float) -> None:
        self._answer((pan, tilt, zoom))

    def stop(self) -> None:
        self._answer(STILL)

    def relays(self) -> Sequence[Relay]:
        return (Relay("light", 3.0),)

    def switch(self, relay: str, *, on: bool) -> None:
        self._answer((float(on), 0.0, 0.0))

    def _answer(self, told: tuple[float, float, float]) -> None:
        failed = self.trouble.pop(0) if self.trouble else None
        if failed is not None:
            raise failed
        self.told.append(told)


@pytest.fixture
def head(monkeypatch: pytest.MonkeyPatch) -> ScriptedHead:
    device = ScriptedHead()
    monkeypatch.setattr(camera_controls, "driver_for", lambda scheme: device)
    return device


async def until(true: Callable[[], bool], clock: FakeClock, step_s: float = 0.0) -> None:
    for _ in range(6000):
        if true():
            return
        clock.advance(step_s)
        await asyncio.sleep(0.005)
    raise AssertionError("it never came true")


def test_who_falls_silent_stops_the_camera(head: ScriptedHead) -> None:
    async def run() -> None:
        clock = FakeClock()
        desk = ControlDesk(clock)
        await desk.move(CAMERA, (0.5, 0.0, 0.0))
        assert head.told == [(0.5, 0.0, 0.0)]
        began = clock.monotonic_s()
        await until(lambda: head.told[-1] == STILL, clock, 0.01)
        assert clock.monotonic_s() - began >= HELD_S
        await desk.close()

    asyncio.run(run())


def test_letting_go_stops_at_once_and_holding_on_goes_on(head: ScriptedHead) -> None:
    async def run() -> None:
        clock = FakeClock()
        desk = ControlDesk(clock)
        for _ in range(8):
            await desk.move(CAMERA, (0.0, 1.0, 0.0))
            clock.advance(0.5)
        assert 2 <= len(head.told) <= 4, "the camera is reminded now and then, not each time"
        await desk.move(CAMERA, STILL)
        assert head.told[-1] == STILL and set(head.told[:-1]) == {(0.0, 1.0, 0.0)}
        assert head.opened == 1
        await desk.close()

    asyncio.run(run())


def test_a_stop_that_does_not_get_through_is_tried_again(head: ScriptedHead) -> None:
    async def run() -> None:
        clock = FakeClock()
        desk = ControlDesk(clock)
        await desk.move(CAMERA, (1.0, 0.0, 0.0))
        head.trouble = [WachtelError(ErrorKind.TIMEOUT, "Silence.")] * 2
        with pytest.raises(WachtelError, match="Silence"):
            await desk.move(CAMERA, STILL)
        await until(lambda: head.told[-1] == STILL, clock, 0.01)
        await desk.close()

    asyncio.run(run())


def test_a_wrong_password_is_not_tried_again_while_a_button_is_held(head: ScriptedHead) -> None:
    async def run() -> None:
        desk = ControlDesk(FakeClock())
        head.trouble = [WachtelError(ErrorKind.WRONG_PASSWORD, "No.")] * 9
        for _ in range(5):
            with pytest.raises(WachtelError, match="No"):
                await desk.move(CAMERA, (1.0, 0.0, 0.0))
        assert len(head.trouble) == 8
        await desk.close()

    asyncio.run(run())


def test_the_end_of_the_server_stops_the_camera(head: ScriptedHead) -> None:
    async def run() -> None:
        clock = FakeClock()
        desk = ControlDesk(clock)
        await desk.move(CAMERA, (1.0, 0.0, 0.0))
        closing = asyncio.ensure_future(desk.close())
        await until(closing.done, clock, 0.01)
        assert head.told[-1] == STILL
        assert head.closed == 1

    asyncio.run(run())


def test_what_there_is_and_cameras_without_a_device(head: ScriptedHead) -> None:
    async def run() -> None:
        desk = ControlDesk(FakeClock())
        found = await desk.controls(CAMERA)
        assert (found.reach, len(found.presets), len(found.relays)) == (Reach(zooms=False), 1, 1)
        await desk.switch(CAMERA, "light", on=True)
        await desk.go_to(CAMERA, "1")
        assert head.told == [(1.0, 0.0, 0.0), (9.0, 9.0, 9.0)]
        plain = Camera("flur", "home", "Flur", "rtsp://192.168.1.9/")
        assert (await desk.controls(plain)).reach is None
        with pytest.raises(WachtelError, match="device's address"):
            await desk.move(plain, (1.0, 0.0, 0.0))
        await desk.close()

    asyncio.run(run())
