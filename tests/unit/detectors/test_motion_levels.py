"""One scale of sensitivity: more of it never asks for more proof."""

from hypothesis import given, settings
from hypothesis import strategies as st

from wachtel.detectors.motion.levels import MOST, Evidence, demands, holds, least_level
from wachtel.detectors.motion.tuning import Tuning
from wachtel.model.candidate import NEVER

TUNING = Tuning()
share = st.floats(0, 1)
evidences = st.builds(
    Evidence,
    mass=st.floats(1, 5000),
    mess=st.floats(0, 500),
    sightings=st.integers(1, 40),
    looks=st.integers(1, 60),
    about=st.integers(1, 30),
    restless=share,
    sharp=share,
    size=st.floats(4, 300),
    travel=st.floats(0, 200),
    straightness=share,
    whole=st.booleans(),
    grows=st.floats(-50, 100),
    age_s=st.floats(0, 30),
    scale=st.floats(0.2, 1),
    inward=st.floats(0, 20),
)


@settings(deadline=None)
@given(evidences)
def test_the_level_is_the_lowest_sensitivity_at_which_the_evidence_is_enough(evidence: Evidence) -> None:
    enough = [level for level in range(MOST + 1) if holds(evidence, TUNING, demands(level))]
    level = least_level(evidence, TUNING)
    assert level == (enough[0] if enough else NEVER)
    assert enough == list(range(level, MOST + 1)) if enough else level == NEVER
