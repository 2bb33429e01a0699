"""Every number of the motion engine, in one place, with what it means."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tuning:
    """Lengths in pixels of the detector's picture (about 320 wide), times in seconds, noise in 8-bit gray."""

    # The still scene (background.py)
    sigmas: float = 5.0
    """A difference counts when it is this many times its noise."""
    shake_px: float = 0.15
    """A camera may shake this much before edges count."""
    first_noise: float = 2.5
    """Noise of one pixel taken for granted until it has been measured."""
    least_noise_small: float = 0.7
    least_noise_large: float = 0.45
    """Noise of the mean of 3x3 and 7x7 pixels is never believed to be less: compression moves in steps."""
    noise_s: float = 10.0
    """Noise is measured over about this time, where nothing is hit."""
    scene_s: float = 6.0
    hidden_s: float = 60.0
    """The still scene follows slow change with the first time constant, with the second where it is hidden."""
    absorb_s: float = 4.0
    absorbing_s: float = 1.0
    """What came and has been still for ``absorb_s`` joins the scene with the time constant ``absorbing_s``."""
    tone_offset: int = 12
    """A change of light of more than this (permille) is looked at by level: not every pixel answers alike."""

    # Which pictures are looked at (engine.py, glance.py)
    most_fps: float = 15.0
    sure_fps: float = 6.0
    sure_sizes: float = 0.3
    """So many pictures a second are looked at; so many while something counts and all that is sure comes no further
    from look to look than this share of its size: it is only to be kept in sight."""
    glance_s: float = 0.12
    glance_calm_s: float = 10.0
    """When nothing stirred for ``glance_calm_s``, a picture that comes less than ``glance_s`` after the last look is
    only glanced at."""
    glance_sigmas: float = 3.8
    glance_noise: float = 0.5
    glance_alone: float = 1.6
    """It is looked at when two neighbouring blocks differ alike by so many times their noise, which is not believed to
    be less than this, or one alone by so many times more;"""
    glance_step: float = 0.03
    glance_pictures: int = 20
    """that noise is learned in such steps, and not known before so many quiet pictures."""

    # What changes now, and upheavals (engine.py)
    active_s: float = 0.3
    """Changing now means: different from the mean of about this time,"""
    least_changing: int = 3
    """in at least so many of the 16 pixels of a block."""
    global_share: float = 0.4
    sudden_share: float = 0.25
    global_s: float = 1.0
    """More than ``global_share`` of the blocks is no thing when ``sudden_share`` came at once or it lasts."""
    settle_s: float = 2.5
    settle_pictures: int = 14
    settle_longest_s: float = 10.0
    """No word until so much time passed and so many pictures came; the latter is waived after the longest time."""
    resettle_s: float = 2.0
    """No word for this long after an upheaval."""

    # What is usual in a block (calm.py)
    calm_share: float = 0.02
    """A block gets used to what it shows in all but this share of the time,"""
    calm_step: float = 8.0
    """at this speed (marks a second),"""
    calm_haste: float = 4.0
    """so many times faster while it settles,"""
    calm_hurry_s: float = 3.0
    calm_most_hurry: float = 6.0
    """and forgets faster and faster, up to so many times, when nothing exceeded it for multiples of this time."""

    # Blobs
    least_mass: float = 10.0
    """Marks of the smallest blob."""
    strong: float = 200.0
    strong_sharp: float = 0.06
    weak: float = 60.0
    weak_sharp: float = 0.4
    """A blob of this mean difference (permille) of which fewer blocks stand out than this is light; between the two in
    proportion."""
    no_light: float = 400.0
    """A difference of more than this is never taken for light."""

    light_share: float = 0.25
    """Where the light changes unevenly, a blob that differs by less than this share of it is light."""

    # When a track is surely something that moves (tracks.py)
    least_sightings: int = 3
    least_seen: float = 0.7
    """So many sightings, in at least this share of the pictures since the first,"""
    least_travel: float = 2.0
    size_travel: float = 0.05
    """over at least this distance and this share of its size,"""
    restless_travel: float = 60.0
    soft_travel: float = 60.0
    sharp: float = 0.4
    """and further by so much where the scene is always restless, and for each share less sharp than this."""
    sways: float = 0.35
    sways_travel: float = 600.0
    """and by so much for each share beyond ``sways`` of it that is nothing but the still scene, moved."""
    soft_grows: float = 0.2
    light_step: float = 5.0
    light_fades_s: float = 0.5
    """What is less sharp by up to ``soft_grows`` may prove itself by growing too unless the light changed by more than
    ``light_step`` (permille) from one picture to the next within about ``light_fades_s``."""
    scatter: float = 0.35
    scatter_restless: float = 0.04
    """Where the scene is at least so restless, what fills less than ``scatter`` of its box is pieces of what sways."""
    goes_on: float = 0.5
    """Where more than this share of the difference is around it too, it is light."""
    company_s: float = 300.0
    company_lanes: float = 2.0
    company_masses: float = 3.0
    """Where within this time something went the same way in more than so many lanes beside it, up to so many masses of
    the heavy ones among those are asked for."""
    meets_sizes: float = 0.75
    meets_masses: float = 2.0
    """One of many that go the same way met another when it grows at one side by this share of its size in one picture,
    by less than so many masses of what comes and goes: its way begins anew."""
    falls_sizes: float = 2.0
    falls_mass: float = 100.0
    """What goes down so many times its size a second is a flake, a drop or a leaf unless it has this mass."""
    whole: float = 0.5
    """A blob that lost more than this share of its mass is a fragment, whose place says nothing."""
    another_looks: int = 6
    another_masses: float = 3.0
    """What came to nothing in so many looks does not take a blob of so many times its mass for itself."""
    idle_looks: int = 4
    idle_seen: float = 0.5
    """It is given up when it was seen in less than this share of so many looks or more."""
    enters: float = 0.5
    """What steadily comes in from the picture's edge needs this share of the way: what it is gets used to meanwhile."""
    enters_faint: float = 4.0
    """So many marks at the edge in the picture before it was found are a sighting of what comes in."""
    inward_sightings: int = 2
    inward_mass: float = 40.0
    """What was outside, comes in evenly and is of this mass, where the scene is calm, needs only so many sightings."""
    out_looks: int = 2
    """What came to the edge and was not seen in so many looks went out."""
    edge_travel: float = 4.0
    """A growing blob counts when an edge of it came this much further than asked for above, in a crowd by its own size
    further: another may have met it."""
    stride: float = 1.5
    long_stride: float = 0.3
    """Shorter steps are trembling; shorter than this share of its size, where rain or leaves change its shape."""
    lingering_s: float = 1.0
    lingering_mass: float = 250.0
    lingering_restless: float = 0.05
    """Something that stays counts after this time with this mass where the scene is not more restless than this."""
    flash: int = 5
    """When so many things appear in one picture, it shows a flash or a shock, and proves nothing."""
    crowd: float = 10.0
    crowd_sightings: float = 5.0
    crowd_straight: float = 0.9
    """Among so many unsure things that look alike, so many more sightings and this straightness are asked for."""
    leap_sizes: float = 1.0
    leap_sightings: int = 2
    """What is further from where it was, picture by picture, than it is large may be another thing each time: so many
    more sightings are asked for."""
    mess_masses: float = 1.0
    """The least mass is raised by this many times the mass of what comes and goes all the time, in a crowd by twice as
    much."""
    mess_s: float = 30.0
    mess_step: float = 0.1
    mess_share: float = 0.05
    """That mass is exceeded by this share of what comes; it follows in such steps and is forgotten in this time."""
    restless_s: float = 20.0
    """Restlessness of a place is measured over about this time."""

    # When a sure track has to prove itself again
    way_s: float = 1.5
    way_least: float = 5.0
    way_sizes: float = 0.2
    way_straight: float = 0.6
    """It moves on when it came this far (in pixels and in sizes), this straight, within this time,"""
    pace_s: float = 1.0
    paces: int = 4
    paces_straight: float = 0.8
    paces_even: float = 0.3
    """or between so many places, each put down after ``pace_s``, this straight, with no step shorter than this share of
    the longest: slowly, for whoever stops takes one short step,"""
    stuck_s: float = 1.0
    """at least once in this time."""
    stands_sizes: float = 1.5
    stands_s: float = 20.0
    """What came so many times its size and stopped counts for so long as part of it moves; and longer (standing.py)"""
    stands_share: float = 0.5
    """where it is still there as long as this share of its marks is."""
    still_least_s: float = 1.5
    still_most_s: float = 10.0
    """It has to stir within the first time after it stopped, and then again within the time in which it has stirred
    since, at most the second; else it becomes part of the scene,"""
    stands_longest_s: float = 300.0
    """as after this time."""
    stirs_least: float = 1.0
    stirs_more: float = 1.75
    """Stirring means: blocks changed by so many gray levels and so many times more than nearly all in which nothing
    is, within a second"""
    stirs_light: int = 10
    """in which the light (permille) changed by no more than this."""
    forget_s: float = 0.7
    """A track not seen for this long is over."""
