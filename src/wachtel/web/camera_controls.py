"""``/api/v1/cameras/{id}/presets``, ``/move`` and ``/relays``: what a camera can be made to do."""

from typing import Annotated

from pydantic import Field

from wachtel.model.access import Permission
from wachtel.model.device import Preset, Relay
from wachtel.web.access import TheCamera
from wachtel.web.answers import Answer, Question
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.ports.cameras import CameraControls

Token = Annotated[str, Field(min_length=1, max_length=200)]
Speed = Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]


class PresetAnswer(Answer):
    """A position the camera remembers; the name is the camera's own."""

    id: str
    name: str


class RelayAnswer(Answer):
    """An output; ``pulse_s``: so long after it was switched on it goes off by itself."""

    id: str
    pulse_s: float | None


class ControlsAnswer(Answer):
    """What the camera offers at this moment."""

    turns: bool
    zooms: bool
    presets: list[PresetAnswer]
    relays: list[RelayAnswer]


class PresetQuestion(Question):
    """Which preset to go to, by its id."""

    preset: Token


class MoveQuestion(Question):
    """Speeds to the right, upwards and nearer; all zero stops."""

    pan: Speed = 0.0
    tilt: Speed = 0.0
    zoom: Speed = 0.0


class RelayQuestion(Question):
    """The state an output shall be in."""

    relay: Token
    on: bool


class ControlRoutes:
    """Every one talks to the camera, so looking needs the right to operate as well."""

    def __init__(self, controls: CameraControls) -> None:
        self._controls = controls

    def add_to(self, door: Door) -> None:
        one, needs, on = "/api/v1/cameras/{camera}", Permission.CONTROL, On.CAMERA
        door.route("GET", f"{one}/controls", self.all, needs=needs, on=on)
        door.route("GET", f"{one}/presets", self.presets, needs=needs, on=on)
        door.route("POST", f"{one}/presets", self.go_to, needs=needs, on=on, status=204)
        door.route("POST", f"{one}/move", self.move, needs=needs, on=on, status=204)
        door.route("GET", f"{one}/relays", self.relays, needs=needs, on=on)
        door.route("POST", f"{one}/relays", self.switch, needs=needs, on=on, status=204)

    async def all(self, camera: TheCamera) -> ControlsAnswer:
        """What the camera can be made to do; nothing, for one that was added by its streams' addresses."""
        found = await self._controls.controls(camera)
        return ControlsAnswer(
            turns=found.reach is not None and found.reach.turns,
            zooms=found.reach is not None and found.reach.zooms,
            presets=[_preset(one) for one in found.presets],
            relays=[_relay(one) for one in found.relays],
        )

    async def presets(self, camera: TheCamera) -> list[PresetAnswer]:
        """The positions the camera remembers."""
        return [_preset(one) for one in (await self._controls.controls(camera)).presets]

    async def go_to(self, asked: PresetQuestion, camera: TheCamera) -> None:
        """Turns the camera to a preset."""
        await self._controls.go_to(camera, asked.preset)

    async def move(self, asked: MoveQuestion, camera: TheCamera) -> None:
        """Moves the camera for a second and a half; ask again within that time to go on."""
        await self._controls.move(camera, (asked.pan, asked.tilt, asked.zoom))

    async def relays(self, camera: TheCamera) -> list[RelayAnswer]:
        """The camera's outputs. Which state they are in, most cameras do not say."""
        return [_relay(one) for one in (await self._controls.controls(camera)).relays]

    async def switch(self, asked: RelayQuestion, camera: TheCamera) -> None:
        """Switches an output."""
        await self._controls.switch(camera, asked.relay, on=asked.on)


def _preset(preset: Preset) -> PresetAnswer:
    return PresetAnswer(id=preset.id, name=preset.name)


def _relay(relay: Relay) -> RelayAnswer:
    return RelayAnswer(id=relay.id, pulse_s=relay.pulse_s)
