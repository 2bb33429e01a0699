"""What a stream lost lately is told, and forgotten again."""

from wachtel.model.camera import Camera
from wachtel.model.stream import StreamName
from wachtel.pipeline.messages import MediaFigures
from wachtel.pipeline.state_board import LATELY_S, MANY_LOST, StateBoard
from wachtel.testing.clock import FakeClock


def figures(lost: int) -> MediaFigures:
    return MediaFigures("hof", StreamName.MAIN, None, 100, 1000, lost, 1, 0, 0)


def test_lost_packets_count_for_five_minutes_and_a_new_worker_begins_at_zero() -> None:
    clock, changes = FakeClock(), list[str]()
    board = StateBoard(clock, changes.append)
    board.expect(Camera("hof", "home", "Hof", "rtsp://192.168.1.9/"))
    seen = []
    for lost in (7, 7, 7 + MANY_LOST, 7 + MANY_LOST):
        board.counted(figures(lost))
        seen.append(board.of("hof")[StreamName.MAIN].lost)
        clock.advance(60)
    assert seen == [0, 0, MANY_LOST, MANY_LOST]
    assert changes == ["hof", "hof"], "told when it began, and when it became bad"
    board.counted(figures(3))
    assert board.of("hof")[StreamName.MAIN].lost == 0
    clock.advance(LATELY_S + 1)
    board.counted(figures(9))
    assert board.of("hof")[StreamName.MAIN].lost == 0
