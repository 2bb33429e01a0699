"""How sensitive a camera must be for something to count: the one scale from 0 to 100.

Pixels, blobs and tracks are found the same at every sensitivity; what differs is how much proof a track needs. So what
was found once can be judged again at any sensitivity, and more sensitive always finds at least as much.
"""

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from wachtel.detectors.motion.tuning import Tuning
from wachtel.model.candidate import NEVER

NORMAL = 50
MOST = 100


class Evidence(NamedTuple):
    """What speaks for a track; lengths in pixels of the detector's picture, masses in marks.

    ``mess`` is the mass of what comes and goes all the time, ``about`` the number of things on their way at once;
    ``scale`` is the picture's width as a share of 320; ``sways`` the share of it that is the still scene, moved,
    ``company`` the mass of those that go the same way beside it, ``enters`` how far it steadily came in from the edge,
    ``inward`` how far it is inside when it was outside before and comes in evenly, ``falls`` how many times its size it
    falls in a second, ``goes_on`` how much of the difference is around it too, ``fills`` the share of its box that it
    covers, ``light`` how much the whole picture's light changed lately (permille).
    """

    mass: float
    mess: float
    sightings: int
    looks: int
    about: int
    restless: float
    sharp: float
    size: float
    travel: float
    straightness: float
    whole: bool
    grows: float
    age_s: float
    scale: float
    sways: float = 0.0
    company: float = 0.0
    enters: float = 0.0
    inward: float = 0.0
    falls: float = 0.0
    goes_on: float = 0.0
    fills: float = 1.0
    light: float = 0.0


@dataclass(frozen=True, slots=True)
class Demands:
    """Factors on the numbers of `Tuning`; 1 at the normal sensitivity."""

    mass: float
    travel: float
    lingering: float
    doubt: float


@cache
def demands(sensitivity: int) -> Demands:
    """Doubt is what trees, rain and light are met with: things must come further where they are about."""
    duller = (NORMAL - sensitivity) / 50
    return Demands(8.0**duller, 1.5**duller, 2.0**duller, 4.0**duller if duller < 0 else 1.5**duller)


def least_level(evidence: Evidence, tuning: Tuning, below: int = NEVER) -> int:
    """The lowest sensitivity ``below`` this at which it is surely something that moves; `NEVER` when there is none."""
    low, high = 0, min(MOST, below - 1)
    if high < 0 or not holds(evidence, tuning, demands(high)):
        return NEVER
    while low < high:
        middle = (low + high) // 2
        if holds(evidence, tuning, demands(middle)):
            high = middle
        else:
            low = middle + 1
    return low


def holds(evidence: Evidence, tuning: Tuning, demand: Demands) -> bool:
    """Whether the evidence meets these demands."""
    many = _many(evidence.about, tuning)
    mess = mess_of(evidence.mess, evidence.about, evidence.company, tuning)
    if evidence.mass < least_mass(mess, tuning, demand):
        return False
    mess *= demand.doubt
    if evidence.falls >= tuning.falls_sizes and evidence.mass < _falling_mass(evidence, tuning, demand):
        return False
    if evidence.goes_on * demand.doubt > tuning.goes_on:
        return False
    if evidence.restless >= tuning.scatter_restless and evidence.fills < tuning.scatter * demand.doubt:
        return False
    same = alike(evidence.mass, evidence.mess)
    crowd = min(1.0, same * demand.doubt) * many
    leaps = evidence.travel > tuning.leap_sizes * evidence.size * (evidence.sightings - 1)
    more = int(tuning.crowd_sightings * crowd) + tuning.leap_sightings * leaps
    if evidence.sightings < _fewest_sightings(evidence, tuning, demand, mess) + more:
        return False
    if evidence.sightings < tuning.least_seen * evidence.looks:
        return False
    return _moves(evidence, tuning, demand, same, crowd)


def mess_of(mess: float, about: int, company: float, tuning: Tuning) -> float:
    """The mass that is no news where so much comes and goes, so many are about, and such company goes the same way."""
    return tuning.mess_masses * (1 + _many(about, tuning)) * mess + tuning.company_masses * company


def least_mass(mess: float, tuning: Tuning, demand: Demands) -> float:
    """What is lighter cannot count, whatever else speaks for it."""
    return tuning.least_mass * demand.mass + mess * demand.doubt


def _many(about: int, tuning: Tuning) -> float:
    """How much of a crowd so many are."""
    return min(1.0, (about - 1) / tuning.crowd)


def _fewest_sightings(evidence: Evidence, tuning: Tuning, demand: Demands, mess: float) -> int:
    """Of what comes in clearly and evenly the picture before the first tells something too: it was outside."""
    clear = evidence.mass >= tuning.inward_mass * demand.mass * evidence.scale**2 + mess
    comes_in = evidence.inward > 0 and evidence.restless < tuning.lingering_restless
    return tuning.inward_sightings if clear and comes_in else tuning.least_sightings


def alike(mass: float, mess: float) -> float:
    """How much something is like what comes and goes all the time, by its mass: 1 up to twice that."""
    return min(1.0, 2 * mess / mass)


def _falling_mass(evidence: Evidence, tuning: Tuning, demand: Demands) -> float:
    return tuning.falls_mass * demand.mass * evidence.scale**2


def _moves(evidence: Evidence, tuning: Tuning, demand: Demands, same: float, crowd: float) -> bool:
    soft = max(0.0, tuning.sharp - evidence.sharp)
    sways = max(0.0, evidence.sways - tuning.sways)
    extra = tuning.restless_travel * evidence.restless * same + tuning.soft_travel * soft
    extra += tuning.sways_travel * sways
    way = tuning.least_travel * demand.travel + extra * demand.doubt
    need = way * evidence.scale + tuning.size_travel * evidence.size
    straight = _least_straight(evidence.sightings)
    straight += (tuning.crowd_straight - straight) * crowd
    if evidence.whole and evidence.travel >= need and evidence.straightness >= straight:
        return True
    if soft > _most_soft(evidence, tuning) or sways > 0:
        return False
    if evidence.enters >= tuning.enters * need or evidence.inward >= need:
        return True
    leap = tuning.edge_travel * evidence.scale + crowd * evidence.size
    edge_came = evidence.whole and evidence.grows >= need + leap
    if edge_came and evidence.straightness >= straight * crowd:
        return True
    return lingers(evidence, tuning, demand)


def _most_soft(evidence: Evidence, tuning: Tuning) -> float:
    """In steady light what is rather soft, a shadow with its hand, may prove itself by growing too."""
    return tuning.soft_grows if evidence.light <= tuning.light_step else 0.0


def lingers(evidence: Evidence, tuning: Tuning, demand: Demands) -> bool:
    """Something large stays where the scene is calm."""
    least = tuning.lingering_mass * demand.lingering * evidence.scale**2
    stays = evidence.age_s >= tuning.lingering_s and evidence.mass >= least
    return stays and evidence.restless < tuning.lingering_restless


def _least_straight(sightings: int) -> float:
    """A few random steps look straight easily."""
    return 0.8 if sightings <= 4 else 0.65 if sightings <= 7 else 0.5
