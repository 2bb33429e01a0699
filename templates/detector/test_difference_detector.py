"""The contract of detectors, run on the template."""

import pytest
from wachtel_difference import driver

from wachtel.detectors.api import DetectorDriver
from wachtel.testing.contracts.detector import DetectorContract


class TestDifference(DetectorContract):
    @pytest.fixture
    def driver(self) -> DetectorDriver:
        return driver
