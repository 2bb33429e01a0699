"""Our own detectors keep the contract; they are loaded the way strangers' are."""

import pytest

from wachtel.base.plugins import load
from wachtel.detectors.api import DetectorDriver
from wachtel.testing.contracts.detector import DetectorContract


class TestMotion(DetectorContract):
    @pytest.fixture
    def driver(self) -> DetectorDriver:
        loaded: DetectorDriver = load("wachtel.detectors", "motion")
        return loaded
