"""Judges what a detector followed: zones, masks, lines, schedule, sensitivity. The same live and on replay."""

from wachtel.detectors.judging.judge import Judge

__all__ = ["Judge"]
