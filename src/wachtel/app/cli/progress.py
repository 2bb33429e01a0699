"""A line on standard error that tells how far a command is."""

import sys

from wachtel.base.clock import Clock, SystemClock

ON_TERMINAL_EVERY_S = 0.2
IN_LOG_EVERY_S = 10.0


class ProgressLine:
    """``with ProgressLine("files") as line``: on a terminal one line that changes, elsewhere a line now and then."""

    def __init__(self, unit: str, clock: Clock | None = None) -> None:
        self._unit = unit
        self._clock = clock or SystemClock()
        self._terminal = sys.stderr.isatty()
        self._every_s = ON_TERMINAL_EVERY_S if self._terminal else IN_LOG_EVERY_S
        self._next_s = self._clock.monotonic_s() + self._every_s
        self._width = 0
        self._reading = ""

    def __enter__(self) -> "ProgressLine":
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def tell(self, done: int, of: int) -> None:
        """``done`` of ``of`` things."""
        now_s = self._clock.monotonic_s()
        if now_s >= self._next_s:
            self._next_s = now_s + self._every_s
            self._show(f"{done} of {of} {self._unit}{self._reading or _share(done, of)}")

    def tell_bytes(self, done: int, of: int) -> None:
        """So much was read; shown when `tell` speaks the next time."""
        self._reading = f", {done / 1e9:.2f} of {of / 1e9:.2f} GB{_share(done, of)}"

    def clear(self) -> None:
        """Takes the line away, so that something else can be printed."""
        if self._terminal and self._width:
            print("\r" + " " * self._width + "\r", end="", file=sys.stderr, flush=True)
            self._width = 0

    def _show(self, text: str) -> None:
        if self._terminal:
            print("\r" + text.ljust(self._width), end="", file=sys.stderr, flush=True)
            self._width = max(self._width, len(text))
        else:
            print(text, file=sys.stderr, flush=True)


def _share(done: int, of: int) -> str:
    return f" ({done / of:.0%})" if of else ""
