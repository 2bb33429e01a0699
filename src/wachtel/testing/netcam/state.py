"""What the threads of one virtual NetCam share."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from wachtel.base.clock import Clock
from wachtel.testing.netcam.gate import Gate
from wachtel.testing.netcam.options import NetCamOptions
from wachtel.testing.netcam.pictures import View


@dataclass(slots=True)
class NetCamState:
    """``joined`` is the network the camera was given, None before. ``requests`` are methods and paths as they came."""

    options: NetCamOptions
    view: View
    gate: Gate
    clock: Clock
    started_s: float
    stopped: threading.Event = field(default_factory=threading.Event)
    requests: list[str] = field(default_factory=list)
    joined: str | None = None
    wanted: Mapping[str, str] = field(default_factory=dict)
    registered: Mapping[str, str] = field(default_factory=dict)
    snapshots: dict[str, bytes] = field(default_factory=dict)
    streams: set[threading.Event] = field(default_factory=set)
    """Running streams; setting one breaks it off."""

    def picture(self) -> bytes:
        """The JPEG of now."""
        return self.view.at(self.clock.monotonic_s() - self.started_s)

    def snapshot(self, number: str) -> bytes:
        """A new number takes a new picture, an old number returns the old one."""
        if number not in self.snapshots:
            if len(self.snapshots) > 64:
                self.snapshots.clear()
            self.snapshots[number] = self.picture()
        return self.snapshots[number]
