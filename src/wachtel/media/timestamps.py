"""Time of packets: strictly rising decode times whatever the camera sends, and the wall clock of each packet.

Two steps, per session. The `Monotoniser` turns the camera's stamps into ticks that never step back, never jump,
and never lose touch with the arrival of the packets; pictures and sound share one origin. The `WallAnchor` maps
those ticks to the wall clock by the packet that travelled fastest lately, so that jitter of the network does not
show.
"""

from collections import Counter, deque
from dataclasses import dataclass

from wachtel.base.units import US_PER_S, WallUs
from wachtel.model.stream import VIDEO_TICKS_PER_S, Packet, Track

SHIFT_WORTH_NOTING_US = 100_000
"""A correction of at least this much is written into the journal."""

CLOCK_STEP_US = 10 * US_PER_S
"""The machine's clock was set, and no packet was merely late, when times disagree by more than this."""

_SOUND_WINDOW_US = 20 * US_PER_S
_GAIN, _RATE_GAIN = 0.25, 0.03
_LAG_LIMIT = VIDEO_TICKS_PER_S // 10
_JUMP_LIMIT = 3 * VIDEO_TICKS_PER_S
_DRIFT_LIMIT = 10 * VIDEO_TICKS_PER_S
_COMPOSITION_LIMIT = 10 * VIDEO_TICKS_PER_S
_LONGEST_WAIT = 10 * VIDEO_TICKS_PER_S
_STUCK_PACKETS = 3
_CRAWL = 50
_STEP_BACK_PRICE = 25
_STEPS_BACK = 4 * _STEP_BACK_PRICE
_USUAL_INTERVAL = VIDEO_TICKS_PER_S // 25
_WRAPS = (1 << 32, 1 << 33)


@dataclass(frozen=True, slots=True)
class Placed:
    """A packet with its place in time.

    ``decode`` counts ticks of 1/90000 s since the session's first packet, strictly rising within a track and the
    same for pictures and sound of the same moment; ``composition`` is how many ticks later the picture is shown,
    >= 0. ``wall`` is the wall clock at ``decode``: never after the arrival and never falling within a track,
    unless the machine's clock itself is set. ``shift_us`` is the correction made to the camera's clock at this
    packet, 0 nearly always. ``clock_us`` is by how much the machine's clock had been set before this key frame:
    what came before still counts by the old clock.
    """

    packet: Packet
    decode: int
    composition: int
    wall: WallUs
    shift_us: int = 0
    clock_us: int = 0


class Timeline:
    """Places the packets of one session. Give it every packet in the order in which they came."""

    def __init__(self) -> None:
        self._video = Monotoniser()
        self._sound = Monotoniser(self._video)
        self._anchors = _anchors()
        self._drift = DriftWatch()
        self._arrival: int | None = None
        self._set_by_us = 0

    @property
    def begun(self) -> bool:
        """Whether a packet was placed."""
        return self._arrival is not None

    def clock_was_set(self, by_us: int) -> None:
        """The machine's wall clock is ``by_us`` ahead of what it would have been; the next key frame begins anew."""
        if self.begun:
            self._set_by_us += by_us

    def place(self, packet: Packet) -> Placed:
        """The packet with its place in time; never raises, whatever the stamps are."""
        arrival, clock_us = self._by_one_clock(packet)
        self._arrival = arrival
        if packet.track is Track.AUDIO:
            return self._place_sound(packet, arrival)
        decode, composition, shift = self._video.place(packet, arrival, self._sound)
        wall = self._anchors[Track.VIDEO].wall(decode, arrival)
        self._heed_drift(Track.VIDEO, decode, arrival)
        return Placed(packet, decode, composition, wall, to_us(shift), clock_us)

    def _place_sound(self, packet: Packet, arrival: WallUs) -> Placed:
        decode, composition, shift = self._sound.place(packet, arrival, self._video)
        wall = self._anchors[Track.AUDIO].wall(decode, arrival)
        self._heed_drift(Track.AUDIO, decode, arrival)
        return Placed(packet, decode, composition, wall, to_us(shift))

    def _heed_drift(self, track: Track, decode: int, arrival: WallUs) -> None:
        correction_us = self._drift.correction(track, arrival - to_us(decode), arrival)
        if correction_us:
            self._sound.move(to_ticks(correction_us))

    def _by_one_clock(self, packet: Packet) -> tuple[WallUs, int]:
        """The arrival by the old clock until a key frame comes; with that, by how much the clock was set."""
        set_by_us = self._set_by_us
        if not set_by_us or self._arrival is None:
            return packet.arrival, 0
        old = packet.arrival - set_by_us
        is_old = abs(packet.arrival - self._arrival) <= abs(old - self._arrival)
        if packet.key and packet.track is Track.VIDEO and not is_old:
            self._begin_clock(set_by_us)
            return packet.arrival, set_by_us
        return (packet.arrival if is_old else WallUs(old)), 0

    def _begin_clock(self, set_by_us: int) -> None:
        self._set_by_us = 0
        for line in (self._video, self._sound):
            line.clock_was_set(to_ticks(set_by_us))
        self._anchors = _anchors()
        self._drift = DriftWatch()


def _anchors() -> "dict[Track, WallAnchor]":
    return {Track.VIDEO: WallAnchor(), Track.AUDIO: WallAnchor(window_us=_SOUND_WINDOW_US)}


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

    A step back now and then, a jump that the arrival does not confirm, and a wrap move the camera's clock. Where
    stamps step back again and again, each is put right after the one before until the camera has caught up, or
    100 ms are not made good. A clock that stands still, or runs away from the arrival by more than 10 s, is led by the
    arrival.

    Sound has the pictures as its ``leader``: what moves their clock moves that of the sound, as long as the two
    are not more than 3 s apart, as they are between the two halves of a jump. ``trim`` is what sound is moved by
    against them, in ticks.
    """

    def __init__(self, leader: "Monotoniser | None" = None) -> None:
        self._leader = leader
        self._moved = 0
        self._lag_limit = _LAG_LIMIT if leader is None else _JUMP_LIMIT
        self._begun = False
        self._offset = 0
        self._raw = 0
        self._decode = 0
        self._interval = _USUAL_INTERVAL
        self._arrival = 0
        self._elapsed = 0
        self._repeats = 0
        self._patience = _STEPS_BACK

    def place(self, packet: Packet, arrival_us: WallUs, other: "Monotoniser") -> tuple[int, int, int]:
        """Decode time, composition offset and the shift made to the camera's clock, all in ticks.

        ``arrival_us`` is by a wall clock that nobody sets; ``other`` is the line of the other track.
        """
        scale, unit = packet.time_base.numerator * VIDEO_TICKS_PER_S, packet.time_base.denominator
        raw = packet.dts * scale // unit
        arrival = to_ticks(arrival_us)
        shift = 0
        if self._begun:
            self._keep_to_leader()
            shift = self._follow(raw, arrival, scale, unit)
        else:
            self._begin(raw, arrival, other)
        self._raw, self._arrival = raw, arrival
        composition = packet.pts * scale // unit + self._offset - self._decode
        return self._decode, composition if 0 <= composition <= _COMPOSITION_LIMIT else 0, shift

    def move(self, by: int) -> None:
        """Everything that follows comes ``by`` ticks later, against the other track too."""
        self._moved += by
        self._offset += by

    def clock_was_set(self, by: int) -> None:
        """From now on arrivals are ``by`` ticks later than they would have been."""
        self._arrival += by

    def _begin(self, raw: int, arrival: int, other: "Monotoniser") -> None:
        """The session's first packet is its origin; the other track joins where its stamps or its arrival say."""
        self._begun, self._offset = True, -raw
        if other._begun:
            now = other._decode + arrival - other._arrival
            near = abs(raw + other._offset - now) <= _DRIFT_LIMIT
            self._offset = other._offset if near else now - raw
            self._decode = raw + self._offset
            self._elapsed = other._elapsed + max(arrival - other._arrival, 0)

    def _keep_to_leader(self) -> None:
        leader = self._leader
        if leader is None or not leader._begun or max(self._repeats, leader._repeats) >= _STUCK_PACKETS:
            return
        if abs(leader._offset - self._offset) <= _JUMP_LIMIT:
            self._offset = leader._offset + self._moved

    def _follow(self, raw: int, arrival: int, scale: int, unit: int) -> int:
        """Moves on to the next packet; gives the shift."""
        waited = min(max(arrival - self._arrival, 0), _LONGEST_WAIT)
        self._elapsed += waited
        step = raw - self._raw
        if abs(step) > _JUMP_LIMIT:
            step += self._unwrap(step, scale, unit)
        stands = 0 <= step * _CRAWL <= waited
        self._repeats = self._repeats + 1 if stands else 0
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
        if jumped or self._decode - wanted > self._lag_limit:
            target = self._decode + max(waited, self._interval)
        elif self._steps_back(wanted):
            target = self._decode + self._interval
        elif self._repeats >= _STUCK_PACKETS:
            target = wanted + waited
        return min(max(target, self._elapsed - _DRIFT_LIMIT), self._elapsed + _DRIFT_LIMIT) - wanted

    def _steps_back(self, wanted: int) -> bool:
        """Whether a stamp is not after the last one, and this is rare; sound waits for the pictures instead."""
        if self._leader is not None or wanted > self._decode:
            self._patience = min(self._patience + 1, _STEPS_BACK)
            return False
        self._patience -= _STEP_BACK_PRICE
        return self._patience >= 0


class WallAnchor:
    """Maps decode times to the wall clock: wall = decode + o, o being the least (arrival - decode) of the
    last minute.

    A packet is therefore never later than its arrival; the burst of old pictures with which some cameras
    begin gets the time of its arrival; and a camera's clock that runs fast or slow is followed.
    """

    def __init__(self, not_before: int = 0, window_us: int = 60 * US_PER_S) -> None:
        self._window_us = window_us
        self._least: deque[tuple[int, int]] = deque()
        self._arrival: int | None = None
        self._decode_us = 0
        self._wall = not_before

    @property
    def lag_us(self) -> int | None:
        """The o in use; None before the first packet."""
        return self._least[0][1] if self._least else None

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


class DriftWatch:
    """Notices that the stamps of sound and pictures run apart although both keep coming at the same pace.

    Cameras whose two clocks tick differently and who send no reports about it would otherwise lose a second within
    some hours. What counts is not how far ahead sound comes, which may have good reasons, but that this changes.

    Of each stretch of time only the packets that travelled fastest count, one of each track; of five stretches the
    middle one. What is found beyond the tolerance is made good by and by, together with the rate at which it has been
    growing. A change by more than any clock drifts in a stretch is one of the way or of the camera's encoder, and
    becomes the usual.
    """

    STRETCH_US = 5 * US_PER_S
    FEWEST_PACKETS = 4
    SETTLED_AFTER_US = 5 * US_PER_S
    TOLERANCE_US = 10_000
    LARGEST_CHANGE_US = 40_000
    LARGEST_MOVE_US = STRETCH_US // 200
    """5,000 ppm: more than any clock is wrong by, and as much as players do not hear."""

    def __init__(self) -> None:
        self._least: dict[Track, int] = {}
        self._counts: Counter[Track] = Counter()
        self._until: int | None = None
        self._leads: deque[int] = deque(maxlen=5)
        self._usual: int | None = None
        self._lead = 0
        self._rate_us = 0.0

    def correction(self, track: Track, lag_us: int, arrival: WallUs) -> int:
        """What must be added to the times of the sound, in microseconds: 0 but for the end of a stretch.

        ``lag_us`` is how much later than its decode time a packet arrived.
        """
        if self._until is None:
            self._until = arrival + self.SETTLED_AFTER_US
        self._least[track] = min(lag_us, self._least.get(track, lag_us))
        self._counts[track] += 1
        if arrival < self._until:
            return 0
        enough = min(self._counts[Track.VIDEO], self._counts[Track.AUDIO]) >= self.FEWEST_PACKETS
        late = arrival >= self._until + self.STRETCH_US
        if not enough and not late:
            return 0
        move = self._stretch_ended() if enough else 0
        self._until = arrival + self.STRETCH_US
        self._least.clear()
        self._counts.clear()
        return move

    def _stretch_ended(self) -> int:
        self._leads.append(self._least[Track.VIDEO] - self._least[Track.AUDIO])
        lead = sorted(self._leads)[len(self._leads) // 2]
        if self._usual is None:
            self._usual = lead
        elif abs(lead - self._lead) > self.LARGEST_CHANGE_US:
            self._usual += lead - self._lead
        wanted_us, limit = _beyond(self._usual - lead, self.TOLERANCE_US), self.LARGEST_MOVE_US
        self._rate_us = max(-limit, min(self._rate_us + wanted_us * _RATE_GAIN, limit))
        move = round(max(-limit, min(wanted_us * _GAIN + self._rate_us, limit)))
        self._leads = deque((before + move for before in self._leads), self._leads.maxlen)
        self._lead = lead + move
        return move


def _beyond(value: int, tolerance: int) -> int:
    return value - max(-tolerance, min(value, tolerance))
