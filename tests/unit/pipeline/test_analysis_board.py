"""How each camera is watched is remembered, and told when it changes."""

from wachtel.model.watch import Policy, PolicyReason
from wachtel.pipeline.analysis_board import AnalysisBoard
from wachtel.pipeline.messages import AnalysisFigures
from wachtel.testing.clock import FakeClock

USUAL = (Policy.EVERY_FRAME, PolicyReason.USUAL)
SHORT = (Policy.KEY_FRAMES, PolicyReason.BUDGET)


def test_a_change_is_told_once_and_keeps_its_moment() -> None:
    clock, told = FakeClock(), list[str]()
    board = AnalysisBoard(clock, told.append)
    assert board.of("tor") is None
    for pictures, choice in ((1, USUAL), (2, USUAL), (3, SHORT), (4, SHORT)):
        board.heard(AnalysisFigures("tor", pictures, 0, 0.0, *choice))
        clock.advance(5)
    watch = board.of("tor")
    assert watch is not None
    assert (watch.policy, watch.reason) == SHORT
    assert watch.since == clock.wall_us() - 10_000_000
    assert told == ["tor", "tor"]
    board.forget("tor")
    assert board.of("tor") is None
