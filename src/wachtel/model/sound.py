"""Loudness: what rules wait for, and the state machine that says when it is there. Pure."""

from dataclasses import dataclass

from wachtel.base.units import WallUs

WINDOW_S = 0.05
"""Sound is measured in pieces of this length."""

SOFTER_DB = 6.0
QUIET_US = 2_000_000
"""It is over when for two seconds nothing was louder than 6 dB below the level."""

STALL_US = 5_000_000
SILENCE_DB = -120.0


@dataclass(frozen=True, slots=True)
class SoundWish:
    """Louder than ``level_db`` for ``for_ms`` without a break; 0 dB is the loudest that a microphone can say."""

    level_db: float
    for_ms: int


@dataclass(frozen=True, slots=True)
class SoundWant:
    """A wish at these cameras of a site, none meaning all."""

    site: str
    cameras: tuple[str, ...]
    wish: SoundWish


class Loudness:
    """One wish at one camera."""

    def __init__(self, wish: SoundWish) -> None:
        self.wish = wish
        self.on = False
        self._loud_ms = 0.0
        self._last_loud = WallUs(0)
        self._heard = WallUs(0)

    def hear(self, at: WallUs, db: float) -> bool | None:
        """Takes one window that ended at ``at``: True when it becomes loud, False when it is over, else None."""
        self._heard = at
        self._loud_ms = self._loud_ms + WINDOW_S * 1000 if db >= self.wish.level_db else 0.0
        if db >= self.wish.level_db - SOFTER_DB or at < self._last_loud:
            self._last_loud = at
        if not self.on and self._loud_ms >= self.wish.for_ms - 1e-6 and self._loud_ms > 0:
            self.on = True
            return True
        return self._over() if self.on and at - self._last_loud >= QUIET_US else None

    def elapsed(self, now: WallUs) -> bool | None:
        """Time went by: sound that stands still is silence."""
        return self._over() if self.on and abs(now - self._heard) >= STALL_US else None

    def _over(self) -> bool:
        self.on, self._loud_ms = False, 0.0
        return False
