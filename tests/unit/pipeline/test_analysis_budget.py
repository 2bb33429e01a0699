"""Which cameras are watched with economy when the machine is too weak to watch all of them whole."""

import pytest

from wachtel.model.camera import Analysis, MotionSettings
from wachtel.model.stream import Codec, VideoFormat
from wachtel.model.watch import Policy, PolicyReason
from wachtel.pipeline.analysis_budget import AnalysisBudget
from wachtel.pipeline.watched_camera import choice_for, settled

CAMERAS = ("tor", "garten", "hof")


def judged(budget: AnalysisBudget, shares: list[float], late_s: float = 0.0) -> list[int]:
    """How many are shed after each five seconds with this share of a core."""
    cpu_s, counts = 0.0, []
    budget.judge(0.0, 0.0, 0.0, CAMERAS)
    for number, share in enumerate(shares, 1):
        cpu_s += 5 * share
        budget.judge(5.0 * number, cpu_s, late_s, CAMERAS)
        counts.append(len(budget.shed))
    return counts


def test_overload_sheds_one_camera_after_the_other() -> None:
    assert judged(AnalysisBudget(), [0.95, 0.95, 0.7, 0.7]) == [1, 2, 2, 2]


def test_a_worker_that_gets_no_cpu_is_late_and_sheds_too() -> None:
    assert judged(AnalysisBudget(), [0.2, 0.2], late_s=4.0) == [1, 2]


def test_what_was_shed_comes_back_after_an_easy_minute() -> None:
    assert judged(AnalysisBudget(), [0.95, *[0.3] * 14]) == [1] * 13 + [0, 0]


def test_a_camera_that_is_gone_or_wants_every_picture_is_not_shed() -> None:
    budget = AnalysisBudget()
    judged(budget, [0.95])
    assert budget.shed == ["tor"]
    budget.judge(10.0, 5.0, 0.0, CAMERAS[1:])
    assert budget.shed == []


@pytest.mark.parametrize(
    ("shed", "height", "policy", "reason"),
    [
        (False, 360, Policy.EVERY_FRAME, PolicyReason.USUAL),
        (True, 360, Policy.KEY_FRAMES, PolicyReason.BUDGET),
        (False, 1080, Policy.KEY_FRAMES, PolicyReason.LARGE),
    ],
)
def test_what_is_chosen_by_itself_has_its_reason(
    shed: bool, height: int, policy: Policy, reason: PolicyReason
) -> None:
    video = VideoFormat(Codec.H264, height * 16 // 9, height)
    assert choice_for(video, shed=shed) == (policy, reason)


@pytest.mark.parametrize(
    ("analysis", "policy"),
    [
        (Analysis.EVERY, Policy.EVERY_FRAME),
        (Analysis.ECONOMY, Policy.KEY_FRAMES),
        (Analysis.CAMERA, Policy.CAMERA),
    ],
)
def test_the_owner_decides_before_the_budget(analysis: Analysis, policy: Policy) -> None:
    assert settled(MotionSettings(analysis=analysis)) == (policy, PolicyReason.SETTINGS)
    assert settled(MotionSettings(enabled=False, analysis=analysis)) == (Policy.OFF, PolicyReason.SETTINGS)
    assert settled(MotionSettings()) is None
