"""However slow each step of a sick camera is, it is found out within ten seconds."""

import pytest

from wachtel.base.units import MonoS
from wachtel.sources.api import FIRST_PICTURE_S, SourceOptions

NAMED_WITHIN_S = 10.0
POLL_S = 0.5


@pytest.mark.parametrize("handshake_s", [0.0, 0.5, 2.0, 4.0, 5.9, 6.0])
def test_a_slow_handshake_and_silence_together_stay_within_ten_seconds(handshake_s: float) -> None:
    options = SourceOptions()
    began, now = MonoS(100.0), MonoS(100.0 + handshake_s)
    given_up = options.quiet_since(began, now) + options.stall_timeout_s + POLL_S
    assert given_up - began < NAMED_WITHIN_S
    assert given_up - now >= FIRST_PICTURE_S


def test_a_quick_camera_has_the_whole_time_for_its_first_picture() -> None:
    options = SourceOptions()
    assert options.quiet_since(MonoS(100.0), MonoS(101.5)) == 101.5


def test_patience_that_is_short_anyway_is_not_shortened() -> None:
    options = SourceOptions(stall_timeout_s=1.0)
    assert options.quiet_since(MonoS(100.0), MonoS(104.0)) == 104.0
