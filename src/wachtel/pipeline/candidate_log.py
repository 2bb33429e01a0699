"""What one camera's detector followed, gathered into chunks worth keeping."""

from wachtel.base.units import US_PER_S, WallUs
from wachtel.media.candidates import encode_looks
from wachtel.model.candidate import NEVER, Look

QUIET_US = 1 * US_PER_S
"""Pictures are kept for so long after something was followed: they tell when it was over."""
LONGEST_US = 20 * US_PER_S
MOST_LOOKS = 2000


class CandidateLog:
    """Of things that count at no sensitivity nothing is kept, unless they do before their chunk ends."""

    def __init__(self) -> None:
        self._looks: list[Look] = []
        self._last_seen = WallUs(0)
        self._worth: set[int] = set()
        self._done: list[bytes] = []

    def take(self, look: Look) -> None:
        """The next picture's."""
        if self._looks and look.at < self._looks[-1].at:
            self._finish()
        if look.sightings:
            self._last_seen = look.at
            self._worth |= {one.track for one in look.sightings if one.level != NEVER}
        elif not self._looks:
            return
        self._looks.append(look)
        over = look.at - self._last_seen >= QUIET_US
        if over or look.at - self._looks[0].at >= LONGEST_US or len(self._looks) >= MOST_LOOKS:
            self._finish()
            if over:
                self._worth.clear()

    def chunks(self, *, all: bool = False) -> list[bytes]:
        """Finished chunks, each once; ``all`` ends the one that is open."""
        if all:
            self._finish()
        done, self._done = self._done, []
        return done

    def _finish(self) -> None:
        looks, self._looks = self._looks, []
        kept = [
            Look(look.at, tuple(one for one in look.sightings if one.track in self._worth)) for look in looks
        ]
        if any(look.sightings for look in kept):
            self._done.append(encode_looks(kept))
