"""Packets in the order they were sent, and what is missing between them."""

from typing import NamedTuple

from wachtel.protocols.rtp_receive.packet import RtpPacket

_RESTART = 3000
"""A jump by more than this is no loss but a sender that began anew (RFC 3550 appendix A.1: MAX_DROPOUT)."""


class Ordered(NamedTuple):
    """A packet and how many are missing directly before it."""

    packet: RtpPacket
    missing: int


class Sequencer:
    """Puts packets back in order.

    ``depth`` packets are held back at most while one is missing: 0 for TCP, where nothing can overtake. A
    packet that comes after its place was given up, or twice, is dropped.
    """

    def __init__(self, depth: int = 0) -> None:
        self._depth = depth
        self._next: int | None = None
        self._ssrc: int | None = None
        self._waiting: dict[int, RtpPacket] = {}
        self.lost = 0

    def follows(self, packet: RtpPacket) -> bool:
        """True when ``packet`` is simply the next one and can be handed on as it is; `push` is for all
        others."""
        if self.expects(packet.sequence, packet.ssrc):
            self._next = packet.sequence + 1 & 0xFFFF
            return True
        return False

    def expects(self, sequence: int, ssrc: int) -> bool:
        """True when the packet of this number and sender is simply the next one."""
        return sequence == self._next and ssrc == self._ssrc and not self._waiting

    @property
    def next(self) -> tuple[int, int] | None:
        """Number and sender of the packet that would simply be the next one; None when none would."""
        if self._next is None or self._ssrc is None or self._waiting:
            return None
        return self._next, self._ssrc

    def skip(self, count: int) -> None:
        """So many packets, beginning with the one expected, were handed on as they came."""
        assert self._next is not None
        self._next = self._next + count & 0xFFFF

    def push(self, packet: RtpPacket) -> list[Ordered]:
        """What can be handed on now that ``packet`` has come, which need not be the next one."""
        if self._next is None or packet.ssrc != self._ssrc:
            return self._restart(packet)
        ahead = packet.sequence - self._next & 0xFFFF
        if ahead >= 0x10000 - _RESTART:
            return []
        if ahead > _RESTART:
            return self._restart(packet)
        self._waiting[packet.sequence] = packet
        return self._release()

    def _restart(self, packet: RtpPacket) -> list[Ordered]:
        """A new sender: what waited is handed on, then its first packet, marked as after a loss of unknown
        size."""
        missing = 0 if self._next is None else 1
        handed_on = self._flush()
        self.lost += missing
        self._ssrc = packet.ssrc
        self._next = packet.sequence + 1 & 0xFFFF
        return [*handed_on, Ordered(packet, missing)]

    def _release(self) -> list[Ordered]:
        out = self._in_line(0)
        while len(self._waiting) > self._depth:
            out += self._in_line(self._skip_to_first())
        return out

    def _flush(self) -> list[Ordered]:
        out: list[Ordered] = []
        while self._waiting:
            out += self._in_line(self._skip_to_first())
        return out

    def _skip_to_first(self) -> int:
        """Gives up what is missing before the first waiting packet."""
        assert self._next is not None
        expected = self._next
        first = min(self._waiting, key=lambda sequence: sequence - expected & 0xFFFF)
        missing = first - expected & 0xFFFF
        self._next = first
        self.lost += missing
        return missing

    def _in_line(self, missing: int) -> list[Ordered]:
        """The waiting packets from the expected one on, without a hole."""
        out: list[Ordered] = []
        while self._next is not None and (packet := self._waiting.pop(self._next, None)) is not None:
            out.append(Ordered(packet, missing))
            missing = 0
            self._next = self._next + 1 & 0xFFFF
        return out
