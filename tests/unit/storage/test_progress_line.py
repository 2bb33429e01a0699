"""What a command says about how far it is."""

import io

import pytest

from wachtel.app.cli.progress import IN_LOG_EVERY_S, ON_TERMINAL_EVERY_S, ProgressLine
from wachtel.testing.clock import FakeClock


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_in_a_log_a_line_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    clock = FakeClock()
    with ProgressLine("files", clock) as line:
        for number in range(1, 41):
            clock.advance(IN_LOG_EVERY_S / 20)
            line.tell_bytes(number * 10**9, 40 * 10**9)
            line.tell(number, 40)
    assert capsys.readouterr().err.splitlines() == [
        "20 of 40 files, 20.00 of 40.00 GB (50%)",
        "40 of 40 files, 40.00 of 40.00 GB (100%)",
    ]


def test_on_a_terminal_one_line_that_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal, clock = Terminal(), FakeClock()
    monkeypatch.setattr("sys.stderr", terminal)
    with ProgressLine("journals", clock) as line:
        for number in (1, 2):
            clock.advance(ON_TERMINAL_EVERY_S)
            line.tell(number, 2)
            line.tell(number, 2)
    shown = "1 of 2 journals (50%)"
    last = "2 of 2 journals (100%)"
    assert terminal.getvalue() == f"\r{shown}\r{last}\r{' ' * len(last)}\r"
