"""Somebody who walks through the garden, from left to right."""

from dataclasses import dataclass
from math import cos, pi, sin

from wachtel.testing.scene.brush import Canvas, Colour, Spot

CANVAS_SIZE = (240, 320)
_FEET_Y = 292.0
_STRIDE_S = 1.04
"""Both steps."""
_THIGH, _SHIN, _UPPER_ARM, _LOWER_ARM = 66.0, 66.0, 46.0, 42.0

_COAT: Colour = (176, 84, 66)
_COAT_FAR: Colour = (142, 66, 54)
_SCARF: Colour = (226, 196, 128)
_TROUSERS: Colour = (58, 70, 92)
_TROUSERS_FAR: Colour = (44, 54, 74)
_SHOE: Colour = (74, 54, 42)
_SKIN: Colour = (222, 178, 148)
_HAIR: Colour = (82, 56, 40)
_BAG: Colour = (104, 82, 60)


@dataclass(frozen=True, slots=True)
class Pose:
    """A moment of the walk: ``phase`` in radians, one turn for two steps."""

    phase: float

    @classmethod
    def at(cls, walked_s: float) -> "Pose":
        """The pose after so many seconds of walking."""
        return cls(2 * pi * walked_s / _STRIDE_S)

    @property
    def hip(self) -> Spot:
        """The hips rise and sink twice in a stride."""
        return 112.0, _FEET_Y - _THIGH - _SHIN - 4 + 4.5 * cos(2 * self.phase)

    def leg(self, offset: float) -> tuple[Spot, Spot, float]:
        """Knee, ankle and the tilt of the foot of the leg that is ``offset`` radians ahead."""
        swing = 0.46 * sin(self.phase + offset)
        bend = 0.16 + 0.5 * max(0.0, cos(self.phase + offset)) ** 1.4
        x, y = self.hip
        knee = (x + _THIGH * sin(swing), y + _THIGH * cos(swing))
        ankle = (knee[0] + _SHIN * sin(swing - bend), knee[1] + _SHIN * cos(swing - bend))
        return knee, (ankle[0], min(ankle[1], _FEET_Y - 6)), 0.5 * (swing - bend)

    def arm(self, offset: float) -> tuple[Spot, Spot, Spot]:
        """Shoulder, elbow and hand of the arm that is ``offset`` radians ahead."""
        swing = 0.42 * sin(self.phase + offset)
        shoulder = (self.hip[0] + 2, self.hip[1] - 76)
        elbow = (shoulder[0] + _UPPER_ARM * sin(swing), shoulder[1] + _UPPER_ARM * cos(swing))
        lower = swing + 0.34 + 0.16 * sin(self.phase + offset)
        return shoulder, elbow, (elbow[0] + _LOWER_ARM * sin(lower), elbow[1] + _LOWER_ARM * cos(lower))


def paint_walker(pose: Pose) -> Canvas:
    """The figure on nothing, `CANVAS_SIZE` large, feet at `FEET` of it."""
    canvas = Canvas(*CANVAS_SIZE)
    canvas.ellipse((138, _FEET_Y + 4), (74, 8), (34, 52, 24), 9, 0.42)
    _limb_arm(canvas, pose, pi, _COAT_FAR)
    _limb_leg(canvas, pose, pi, _TROUSERS_FAR)
    _limb_leg(canvas, pose, 0, _TROUSERS)
    _body(canvas, pose)
    _limb_arm(canvas, pose, 0, _COAT)
    return canvas


FEET: Spot = (112.0, _FEET_Y)


def _limb_leg(canvas: Canvas, pose: Pose, offset: float, colour: Colour) -> None:
    knee, ankle, tilt = pose.leg(offset)
    toe = (ankle[0] + 19 * cos(tilt), min(_FEET_Y - 3, ankle[1] + 5 - 19 * sin(tilt) * 0.4))
    canvas.capsule((ankle[0] - 4, ankle[1] + 3), toe, (6.5, 4.5), _SHOE)
    canvas.capsule(knee, ankle, (11.5, 7.5), colour)
    canvas.capsule(pose.hip, knee, (16, 11.5), colour)


def _limb_arm(canvas: Canvas, pose: Pose, offset: float, colour: Colour) -> None:
    shoulder, elbow, hand = pose.arm(offset + pi)
    canvas.ellipse(hand, (6.2, 7), _SKIN)
    canvas.capsule(
        elbow, (hand[0] * 0.85 + elbow[0] * 0.15, hand[1] * 0.85 + elbow[1] * 0.15), (9, 7), colour
    )
    canvas.capsule(shoulder, elbow, (11, 9), colour)
    canvas.ellipse((shoulder[0] - 1, shoulder[1] + 2), (10, 10), colour)


def _body(canvas: Canvas, pose: Pose) -> None:
    x, y = pose.hip
    canvas.capsule((x - 4, y - 44), (x - 17, y - 36), (15, 17), _BAG)
    canvas.capsule((x + 3, y - 68), (x, y + 8), (22, 20), _COAT)
    canvas.polygon([(x - 20, y), (x + 20, y), (x + 23, y + 30), (x - 22, y + 30)], _COAT, 2)
    canvas.capsule((x - 12, y - 60), (x - 10, y + 16), (5, 6), _COAT_FAR)
    canvas.capsule((x + 5, y - 88), (x + 6, y - 96), (8, 8), _SKIN)
    canvas.ellipse((x + 8, y - 110), (15.5, 18.5), _SKIN)
    canvas.ellipse((x + 3, y - 114), (17, 18), _HAIR)
    canvas.ellipse((x + 13, y - 106), (10, 12.5), _SKIN, 2)
    canvas.capsule((x + 22, y - 107), (x + 24.5, y - 104), (2.6, 2.2), _SKIN)
    canvas.ellipse((x - 11, y - 106), (6.5, 10), _HAIR, 2)
    canvas.capsule((x - 7, y - 85), (x + 15, y - 87), (8, 7), _SCARF)
    canvas.capsule((x - 6, y - 83), (x - 24, y - 70 + 3 * sin(pose.phase)), (5, 3.5), _SCARF)
