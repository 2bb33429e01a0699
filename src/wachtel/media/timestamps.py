"""Time of packets: strictly rising decode times whatever the camera sends, and the wall clock of each packet.

Two steps, both per track and per session. The `Monotoniser` turns the camera's stamps into ticks that never
step back, never jump, and never lose touch with the arrival of the packets. The `WallAnchor` maps those ticks
to the wall clock by the packet that travelled fastest lately, so that jitter of the network does not show.
"""

from collections import deque
from dataclasses import dataclass

from wachtel.base.units import US_PER_S, WallUs
from wachtel.model.stream import VIDEO_TICKS_PER_S, Packet, Track

SHIFT_WORTH_NOTING_US = 100_000
"""A correction of at least this much is written into the journal."""

CLOCK_STEP_US = 10 * US_PER_S
"""The machine's clock was set, and no packet was merely late, when times disagree by more than this."""

_LAG_LIMIT = VIDEO_TICKS_PER_S // 10
_JUMP_LIMIT = 3 * VIDEO_TICKS_PER_S
_DRIFT_LIMIT = 10 * VIDEO_TICKS_PER_S
_COMPOSITION_LIMIT = 10 * VIDEO_TICKS_PER_S
_LONGEST_WAIT = 10 * VIDEO_TICKS_PER_S
_STUCK_PACKETS = 3
_USUAL_INTERVAL = VIDEO_TICKS_PER_S // 25
_WRAPS = (1 << 32, 1 << 33)


@dataclass(frozen=True, slots=True)
class Placed:
    """A packet with its place in time.

    ``decode`` counts ticks of 1/90000 s since the session's first packet of that track, strictly rising;
    ``composition`` is how many ticks later the picture is shown, >= 0. ``wall`` is the wall clock at
    ``decode``: never after the arrival and never falling within a track, unless the machine's clock itself is
    set back. ``shift_us`` is the correction made to the camera's clock at this packet, 0 nearly always.
    """

    packet: Packet
    decode: int
    composition: int
    wall: WallUs
    shift_us: int = 0


class Timeline:
    """Places the packets of one session. Give it every packet in the order in which they came."""

    def __init__(self) -> None:
        self._tracks = {track: (Monotoniser(), WallAnchor()) for track in Track}

    def place(self, packet: Packet) -> Placed:
        """The packet with its place in time; never raises, whatever the stamps are."""
        monotoniser, anchor = self._tracks[packet.track]
        decode, composition, shift = monotoniser.place(packet)
        return Placed(packet, decode, composition, anchor.wall(decode, packet.arrival), to_us(shift))


def segment_start(first: Placed, previous_end: WallUs | None) -> WallUs:
    """When a segment that begins with ``first`` starts: at its wall clock, but not before the previous one's
    end.

    Only when the machine's clock was set back does it start before that end.
    """
    if previous_end is None or previous_end - first.wall > CLOCK_STEP_US:
        return first.wall
    return max(first.wall, previous_end)


def to_us(ticks: int) -> int:
    """Ticks of 1/90000 s in microseconds."""
    return ticks * 100 // 9


def to_ticks(us: int) -> int:
    """Microseconds in ticks of 1/90000 s."""
    return us * 9 // 100


class Monotoniser:
    """Strictly rising ticks for one track.

    A stamp that is a little early is put right after the one before, until the camera has caught up. A step
    back of more than 100 ms in all, a jump that the arrival does not confirm, and a wrap move the camera's
    clock instead. A clock that stands still, or runs away from the arrival by more than 10 s, is led by the
    arrival.
    """

    def __init__(self) -> None:
        self._begun = False
        self._offset = 0
        self._raw = 0
        self._decode = 0
        self._interval = _USUAL_INTERVAL
        self._arrival = 0
        self._elapsed = 0
        self._repeats = 0

    def place(self, packet: Packet) -> tuple[int, int, int]:
        """Decode time, composition offset and the shift made to the camera's clock, all in ticks."""
        scale, unit = packet.time_base.numerator * VIDEO_TICKS_PER_S, packet.time_base.denominator
        raw = packet.dts * scale // unit
        arrival = to_ticks(packet.arrival)
        shift = 0
        if self._begun:
            shift = self._follow(raw, arrival, scale, unit)
        else:
            self._begun, self._offset = True, -raw
        self._raw, self._arrival = raw, arrival
        composition = packet.pts * scale // unit + self._offset - self._decode
        return self._decode, composition if 0 <= composition <= _COMPOSITION_LIMIT else 0, shift

    def _follow(self, raw: int, arrival: int, scale: int, unit: int) -> int:
        """Moves on to the next packet; gives the shift."""
        waited = min(max(arrival - self._arrival, 0), _LONGEST_WAIT)
        self._elapsed += waited
        step = raw - self._raw
        if abs(step) > _JUMP_LIMIT:
            step += self._unwrap(step, scale, unit)
        self._repeats = self._repeats + 1 if step == 0 else 0
        shift = self._correction(raw + self._offset, step, waited)
        self._offset += shift
        self._decode = max(raw + self._offset, self._decode + 1)
        if 0 < step <= VIDEO_TICKS_PER_S:
            self._interval = step
        return shift

    def _unwrap(self, step: int, scale: int, unit: int) -> int:
        """A counter of 32 or 33 bits began anew: no fault, so nothing to report."""
        for wrap in _WRAPS:
            period = wrap * scale // unit
            for whole in (period, -period):
                if abs(step + whole) <= _JUMP_LIMIT:
                    self._offset += whole
                    return whole
        return 0

    def _correction(self, wanted: int, step: int, waited: int) -> int:
        """What must be added to ``wanted``, the decode time by the camera's clock, to make it believable."""
        target = wanted
        jumped = step > _JUMP_LIMIT and step - waited > _JUMP_LIMIT
        if jumped or self._decode - wanted > _LAG_LIMIT:
            target = self._decode + max(waited, self._interval)
        elif self._repeats >= _STUCK_PACKETS:
            target = wanted + waited
        return min(max(target, self._elapsed - _DRIFT_LIMIT), self._elapsed + _DRIFT_LIMIT) - wanted


class WallAnchor:
    """Maps decode times to the wall clock: wall = decode + o, o being the least (arrival - decode) of the
    last minute.

    A packet is therefore never later than its arrival; the burst of old pictures with which some cameras
    begin gets the time of its arrival; and a camera's clock that runs fast or slow is followed.
    """

    def __init__(self, window_us: int = 60 * US_PER_S) -> None:
        self._window_us = window_us
        self._least: deque[tuple[int, int]] = deque()
        self._arrival: int | None = None
        self._decode_us = 0
        self._wall = 0

    def wall(self, decode: int, arrival: WallUs) -> WallUs:
        """The wall clock of the packet with this decode time (ticks, rising from call to call)."""
        decode_us = to_us(decode)
        self._heed_clock_step(arrival, decode_us)
        least, base = self._least, arrival - decode_us
        while least and least[-1][1] >= base:
            least.pop()
        least.append((arrival, base))
        while least[0][0] < arrival - self._window_us:
            least.popleft()
        self._arrival, self._decode_us = arrival, decode_us
        self._wall = max(self._wall, decode_us + least[0][1])
        return WallUs(self._wall)

    def _heed_clock_step(self, arrival: int, decode_us: int) -> None:
        if self._arrival is None:
            return
        waited = arrival - self._arrival
        if waited < -CLOCK_STEP_US:
            self._wall = 0
            self._least.clear()
        elif waited - (decode_us - self._decode_us) > CLOCK_STEP_US:
            self._least.clear()
