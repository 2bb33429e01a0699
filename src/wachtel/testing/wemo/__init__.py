"""Fake Wemo devices: switch, dimmer, Maker and Motion, with scripted faults, to be driven by any client.

``with FakeWemo(FakeWemoOptions(WemoKind.SWITCH)) as lamp`` is all there is to it; see docs/guide/virtual-devices.md.
pywemo takes them for real ones, which tests prove; no firmware was looked at.
"""

from typing import TYPE_CHECKING, Any

from wachtel.protocols.wemo import WemoKind
from wachtel.testing.wemo.options import FakeWemoOptions

if TYPE_CHECKING:
    from wachtel.testing.wemo.device import FakeWemo

__all__ = ["FakeWemo", "FakeWemoOptions", "WemoKind"]


def __getattr__(name: str) -> Any:
    """The device itself is imported when it is wanted: the command's help need not wait for it."""
    if name == "FakeWemo":
        from wachtel.testing.wemo.device import FakeWemo

        return FakeWemo
    raise AttributeError(name)
