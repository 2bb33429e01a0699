"""RTCP (RFC 3550 section 6): the sender's report in, the receiver's report out."""

import struct
from dataclasses import dataclass

from wachtel.base.units import US_PER_S

_SENDER_REPORT, _RECEIVER_REPORT, _DESCRIPTION, _GOODBYE = 200, 201, 202, 203
_NTP_TO_UNIX_S = 2_208_988_800


@dataclass(frozen=True, slots=True)
class SenderReport:
    """What ties the RTP timestamps of a track to the camera's clock.

    ``ntp`` is the 64-bit NTP time of the report; ``timestamp`` the RTP time of the same moment.
    """

    ssrc: int
    ntp: int
    timestamp: int

    @property
    def camera_us(self) -> int:
        """The camera's wall clock in microseconds since 1970; may be wildly wrong."""
        return ((self.ntp >> 32) - _NTP_TO_UNIX_S) * US_PER_S + ((self.ntp & 0xFFFFFFFF) * US_PER_S >> 32)


def read_sender_report(data: bytes) -> SenderReport | None:
    """The first sender report in a compound packet; None when there is none or the packet is broken."""
    start = 0
    while start + 4 <= len(data) and data[start] >> 6 == 2:
        size = 4 + 4 * int.from_bytes(data[start + 2 : start + 4], "big")
        if data[start + 1] == _SENDER_REPORT and size >= 20 and start + 20 <= len(data):
            ssrc, ntp, timestamp = struct.unpack_from("!IQI", data, start + 4)
            return SenderReport(ssrc, ntp, timestamp)
        start += size
    return None


def says_goodbye(data: bytes) -> bool:
    """True when the compound packet holds a BYE: the sender leaves."""
    start = 0
    while start + 4 <= len(data) and data[start] >> 6 == 2:
        if data[start + 1] == _GOODBYE:
            return True
        start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4], "big")
    return False


def receiver_report(
    own_ssrc: int, ssrc: int, highest_sequence: int, lost: int, last: SenderReport | None
) -> bytes:
    """A report that somebody listens, with a name chunk; cameras end the session of a listener who never
    reports.

    ``highest_sequence`` counts on beyond 16 bits. Jitter and delay are left 0: no camera acts on them.
    """
    middle_ntp = 0 if last is None else last.ntp >> 16 & 0xFFFFFFFF
    block = struct.pack("!IIIIII", ssrc, min(lost, 0x7FFFFF), highest_sequence & 0xFFFFFFFF, 0, middle_ntp, 0)
    report = struct.pack("!BBHI", 0x81, _RECEIVER_REPORT, 7, own_ssrc) + block
    name = struct.pack("!IBB", own_ssrc, 1, 7) + b"wachtel" + b"\0"
    name += bytes(-len(name) % 4)
    return report + struct.pack("!BBH", 0x81, _DESCRIPTION, len(name) // 4) + name
