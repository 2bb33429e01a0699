"""Where a NetCam may listen."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NetCamPorts:
    """``free`` is where the free images give their pictures, ``sound`` the raw sound beside them.

    The sensor moves among the ports of ``sensor`` after crashes; the usual ones come first.
    """

    free: int = 8080
    sensor: tuple[int, ...] = (49153, 49152, 49154, 49151, 49155)
    sound: int = 5000
