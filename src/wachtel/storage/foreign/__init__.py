"""Recordings of other programs: one small module for each layout, all of them listed here."""

from wachtel.storage.foreign.frigate import FRIGATE
from wachtel.storage.foreign.layout import Layout, Named
from wachtel.storage.foreign.motioneye import MOTIONEYE
from wachtel.storage.foreign.scan import Foreign, Found, scan

LAYOUTS: tuple[Layout, ...] = (FRIGATE, MOTIONEYE)

__all__ = ["LAYOUTS", "Foreign", "Found", "Layout", "Named", "scan"]
