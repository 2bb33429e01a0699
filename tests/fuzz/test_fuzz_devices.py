"""What devices say, damaged by seeds: some cases of each kind here, the many in ``scripts/soak fuzz``."""

import device_fuzz
import pytest


@pytest.mark.parametrize("kind", device_fuzz.KINDS)
def test_nothing_a_device_says_is_more_than_an_error(kind: str) -> None:
    for seed in range(60):
        device_fuzz.one_case(kind, seed)
