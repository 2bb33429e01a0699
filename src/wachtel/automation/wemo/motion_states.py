"""What the sensor of each shown camera says: on while something moves and for a while after it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from wachtel.base.units import MonoS

OFFLINE_GRACE_S = 60.0
"""A camera that is away for longer leaves the network."""


@dataclass(slots=True)
class _Camera:
    hold_s: float
    events: set[str] = field(default_factory=set)
    off_at: MonoS | None = None
    on: bool = False
    away_since: MonoS | None = None
    visible: bool = True


class MotionStates:
    """``cameras``: how long each stays on after its last event, in seconds."""

    def __init__(self) -> None:
        self._cameras: dict[str, _Camera] = {}

    def show(self, cameras: Mapping[str, float]) -> None:
        """These are shown from now on; what is known of those that stay is kept."""
        for gone in self._cameras.keys() - cameras.keys():
            del self._cameras[gone]
        for camera, hold_s in cameras.items():
            self._cameras.setdefault(camera, _Camera(hold_s)).hold_s = hold_s

    def is_on(self, camera: str) -> bool:
        """What its sensor says."""
        known = self._cameras.get(camera)
        return known is not None and known.on

    def is_visible(self, camera: str) -> bool:
        """False while it has been away for too long."""
        known = self._cameras.get(camera)
        return known is not None and known.visible

    def began(self, camera: str, event: str) -> bool:
        """Something moves; may be told again. True when its sensor changed."""
        known = self._cameras.get(camera)
        if known is None:
            return False
        known.events.add(event)
        known.off_at = None
        changed, known.on = not known.on, True
        return changed

    def ended(self, camera: str, event: str, now: MonoS) -> None:
        """That event is over; when no other lasts, the sensor goes off after its hold."""
        known = self._cameras.get(camera)
        if known is None or event not in known.events:
            return
        known.events.discard(event)
        if not known.events:
            known.off_at = MonoS(now + known.hold_s)

    def away(self, camera: str, now: MonoS) -> bool:
        """It gives no pictures; may be told again. True when its sensor changed: it says off at once."""
        known = self._cameras.get(camera)
        if known is None:
            return False
        if known.away_since is None:
            known.away_since = now
        changed, known.on, known.off_at = known.on, False, None
        known.events.clear()
        return changed

    def back(self, camera: str) -> bool:
        """It gives pictures. True when it is visible again."""
        known = self._cameras.get(camera)
        if known is None:
            return False
        known.away_since = None
        changed, known.visible = not known.visible, True
        return changed

    def tick(self, now: MonoS) -> tuple[list[str], bool]:
        """The cameras whose sensors went off, and whether another camera became invisible."""
        off, hidden = [], False
        for camera, known in self._cameras.items():
            if known.off_at is not None and known.off_at <= now:
                known.off_at, known.on = None, False
                off.append(camera)
            gone = known.away_since is not None and now - known.away_since >= OFFLINE_GRACE_S
            if gone and known.visible:
                known.visible, hidden = False, True
        return off, hidden
