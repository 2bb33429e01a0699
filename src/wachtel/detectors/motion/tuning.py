"""Every number of the motion engine, in one place, with what it means."""

from dataclasses import dataclass, replace

from wachtel.base.errors import ErrorKind, WachtelError


@dataclass(frozen=True, slots=True)
class Tuning:
    """Lengths in pixels of the detector's picture (about 320 wide), times in seconds, noise in 8-bit gray."""

    sigmas: float = 5.0
    """A difference counts when it is this many times its noise."""
    shake_px: float = 0.15
    """A camera may shake this much before edges count."""
    first_noise: float = 2.5
    """Noise of one pixel taken for granted until it has been measured."""
    least_noise_small: float = 0.5
    least_noise_large: float = 0.3
    """Noise of the mean of 3x3 and 7x7 pixels is never believed to be less: compression moves in steps."""
    scene_s: float = 6.0
    """The still scene follows slow change with this time constant,"""
    hidden_s: float = 60.0
    """and with this one where something stands in front of it."""
    absorb_s: float = 4.0
    """What came and has not changed for this long becomes part of the scene,"""
    absorbing_s: float = 1.0
    """with this time constant."""
    tone_offset: int = 12
    """A change of light of more than this (permille) is looked at by level: not every pixel answers alike."""
    noise_s: float = 10.0
    """Noise is measured over about this time."""
    noise_in_hits: float = 0.0
    calm_share: float = 0.02
    """A block gets used to what it shows in all but this share of the time,"""
    calm_step: float = 24.0
    """at this speed (marks a second)."""
    active_s: float = 0.3
    """Changing now means: different from the mean of about this time."""
    least_mass: float = 10.0
    """Marks of the smallest blob."""
    global_share: float = 0.4
    """When more than this share of the blocks changed at once it was the light, not a thing."""
    settle_s: float = 1.0
    resettle_s: float = 0.5
    """No word during this time after the first picture, and after such a change."""
    least_sightings: int = 3
    least_seen: float = 0.6
    """A track is sure after so many sightings in at least this share of the pictures, when it either came"""
    least_travel: float = 6.0
    least_travel_sizes: float = 0.15
    least_straight: float = 0.5
    """this far (also in multiples of its size) and this straight, or stayed"""
    lingering_s: float = 1.0
    lingering_mass: float = 250.0
    """this long with this mass."""
    forget_s: float = 0.7
    """A track not seen for this long is over."""


def tuning_for(sensitivity: int) -> Tuning:
    """The numbers for a sensitivity of 0 (only what is big and clear) to 100 (all that may be something).

    Raises `WachtelError` (invalid) outside of that.
    """
    if not 0 <= sensitivity <= 100:
        raise WachtelError(ErrorKind.INVALID, f"A sensitivity of {sensitivity} is not between 0 and 100.")
    normal = Tuning()
    duller = (50 - sensitivity) / 50
    return replace(
        normal,
        sigmas=normal.sigmas * 1.5**duller,
        least_mass=normal.least_mass * 4**duller,
        least_travel=normal.least_travel * 1.5**duller,
        lingering_mass=normal.lingering_mass * 2**duller,
    )
