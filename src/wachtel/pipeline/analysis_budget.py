"""How many cameras one analysis worker can watch whole, decided by what it costs and how late it is. Pure."""

from collections.abc import Sequence

MOST_SHARE = 0.85
"""More than this share of one core is too much: pictures would come later and later."""
EASY_SHARE = 0.5
LATEST_S = 3.0
"""So late after its arrival no picture may be looked at."""
EASY_FOR_S = 60.0


class AnalysisBudget:
    """Sheds cameras to economy one by one while the budget is short, and takes them back when it was easy for a while.

    ``shed`` are the cameras in economy for this reason, in the order of shedding.
    """

    def __init__(self) -> None:
        self.shed: list[str] = []
        self._looked_s: float | None = None
        self._cpu_s = 0.0
        self._easy_since_s: float | None = None

    def judge(self, now_s: float, cpu_s: float, late_s: float, willing: Sequence[str]) -> None:
        """The figures since the last call: CPU time of the process so far, and its worst lateness since.

        ``willing`` are the cameras that may be shed, the one to begin with first.
        """
        self.shed = [camera for camera in self.shed if camera in willing]
        share = self._share(now_s, cpu_s)
        if share is None:
            return
        if share > MOST_SHARE or late_s > LATEST_S:
            self._easy_since_s = None
            self.shed += [camera for camera in willing if camera not in self.shed][:1]
        elif share > EASY_SHARE or not self.shed:
            self._easy_since_s = None
        else:
            self._take_back(now_s)

    def _share(self, now_s: float, cpu_s: float) -> float | None:
        before_s, before_cpu_s = self._looked_s, self._cpu_s
        self._looked_s, self._cpu_s = now_s, cpu_s
        if before_s is None or now_s <= before_s:
            return None
        return (cpu_s - before_cpu_s) / (now_s - before_s)

    def _take_back(self, now_s: float) -> None:
        if self._easy_since_s is None:
            self._easy_since_s = now_s
        elif now_s - self._easy_since_s >= EASY_FOR_S:
            self.shed.pop()
            self._easy_since_s = None
