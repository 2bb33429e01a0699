"""What all connections to one fake camera share."""

from dataclasses import dataclass
from enum import StrEnum

from wachtel.base.clock import Clock
from wachtel.testing.fake_camera.gate import Gate
from wachtel.testing.fake_camera.options import FakeCameraOptions
from wachtel.testing.fake_camera.player import Player
from wachtel.testing.fake_camera.state import CameraState
from wachtel.testing.fake_camera.udp import UdpPair


class Manner(StrEnum):
    """How the camera treats whoever talks to it."""

    NORMAL = "normal"
    SILENT = "silent"
    """Hears, and answers nothing."""
    DEAF = "deaf"
    """Hears nothing, not even that the other end has gone."""
    TRICKLING = "trickling"
    """Answers, a byte a second."""
    ENDLESS = "endless"
    """Begins an answer whose header never ends."""


@dataclass(slots=True)
class Switches:
    """What faults turn."""

    manner: Manner = Manner.NORMAL


@dataclass(frozen=True, slots=True)
class Device:
    """The parts of the camera."""

    options: FakeCameraOptions
    player: Player
    gate: Gate
    state: CameraState
    switches: Switches
    clock: Clock
    udp: UdpPair
