"""How each camera is watched, as the analysis workers last told it."""

from collections.abc import Callable

from wachtel.base.clock import Clock
from wachtel.model.watch import Watch
from wachtel.pipeline.messages import AnalysisFigures


class AnalysisBoard:
    """Lives in main's loop; ``on_change`` hears when a camera is watched in another way than before."""

    def __init__(self, clock: Clock, on_change: Callable[[str], None]) -> None:
        self.figures: dict[str, AnalysisFigures] = {}
        self._clock = clock
        self._on_change = on_change
        self._watches: dict[str, Watch] = {}

    def of(self, camera: str) -> Watch | None:
        """None while nothing is known: no worker has seen its pictures yet."""
        return self._watches.get(camera)

    def heard(self, figures: AnalysisFigures) -> None:
        """A camera's counters, with how it is watched."""
        self.figures[figures.camera] = figures
        before = self._watches.get(figures.camera)
        if before is not None and (before.policy, before.reason) == (figures.policy, figures.reason):
            return
        self._watches[figures.camera] = Watch(figures.policy, figures.reason, self._clock.wall_us())
        self._on_change(figures.camera)

    def forget(self, camera: str) -> None:
        """The camera was removed."""
        self.figures.pop(camera, None)
        self._watches.pop(camera, None)
