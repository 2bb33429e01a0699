"""What a virtual device remembers; tests read it."""

import threading
from dataclasses import dataclass, field


@dataclass(slots=True)
class PullPoint:
    """One subscription and what waits in it."""

    id: str
    renewals: int = 0
    waiting: list[str] = field(default_factory=list)


@dataclass(slots=True)
class OnvifState:
    """``asked`` are the operations in order; ``wrong_tries`` counts passwords; ``moving`` is pan, tilt, zoom,
    ``move_limit`` how long at most, as the asker wrote it.
    """

    asked: list[str] = field(default_factory=list)
    wrong_tries: int = 0
    locked: bool = False
    motion: bool = False
    moving: tuple[float, float, float] = (0.0, 0.0, 0.0)
    move_limit: str = ""
    at_preset: str = ""
    relays: dict[str, bool] = field(default_factory=dict)
    encoders: dict[str, dict[str, int]] = field(default_factory=dict)
    pull_points: dict[str, PullPoint] = field(default_factory=dict)
    nonces: set[str] = field(default_factory=set)
    changed: threading.Condition = field(default_factory=threading.Condition)
    closed: bool = False
