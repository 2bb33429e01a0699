"""How a camera is watched for motion at this moment, and who chose that."""

from dataclasses import dataclass
from enum import StrEnum

from wachtel.base.units import WallUs


class Policy(StrEnum):
    """What is looked at: every picture, key frames until something stirs, only the camera's own word, or nothing."""

    EVERY_FRAME = "every_frame"
    KEY_FRAMES = "key_frames"
    CAMERA = "camera"
    OFF = "off"


class PolicyReason(StrEnum):
    """Who chose it: the settings, or Wachtel: as usual, because the pictures are large, or for want of CPU."""

    SETTINGS = "settings"
    USUAL = "usual"
    LARGE = "large"
    BUDGET = "budget"


@dataclass(frozen=True, slots=True)
class Watch:
    """``since``: when it began to be watched like this."""

    policy: Policy
    reason: PolicyReason
    since: WallUs
