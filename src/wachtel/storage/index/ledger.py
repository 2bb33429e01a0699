"""The ledger: from footage, deletions and gaps to an account of every moment. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from wachtel.base.units import WallUs
from wachtel.model.footage import NOT_WANTED, Gap, GapReason
from wachtel.storage.api import Ledger, LedgerState, Stretch

SEAM_US = 2_000_000
"""Footage that goes on within two seconds counts as unbroken, as in clips, unless a gap was noted."""

Range = tuple[int, int]
_Meaning = tuple[LedgerState, GapReason | None]


@dataclass(frozen=True, slots=True)
class Layers:
    """What is known of a range. Where they overlap, footage counts before deletions, deletions before
    gaps. ``since`` is when the camera's account begins, None when that is not known."""

    footage: Sequence[Range] = ()
    deleted: Sequence[Range] = ()
    gaps: Sequence[Gap] = ()
    since: int | None = None

    def and_more(self, more: "Layers") -> "Layers":
        """Both together."""
        return Layers(
            (*self.footage, *more.footage),
            (*self.deleted, *more.deleted),
            (*self.gaps, *more.gaps),
            min((at for at in (self.since, more.since) if at is not None), default=None),
        )


def ledger(layers: Layers, start: WallUs, end: WallUs) -> Ledger:
    """Accounts for the whole range; what no layer covers is unknown."""
    stretches = tuple(_merged(_sweep(_ranked(layers), start, end)))
    return Ledger(stretches, _recorded_share(stretches))


def _ranked(layers: Layers) -> list[tuple[_Meaning, list[Range]]]:
    """The layers by rank, the strongest first; the last ones close seams and the time before the camera."""
    ranked: list[tuple[_Meaning, list[Range]]] = [
        ((LedgerState.RECORDED, None), list(layers.footage)),
        ((LedgerState.DELETED, None), list(layers.deleted)),
    ]
    for reason in GapReason:
        state = LedgerState.OFF if reason in NOT_WANTED else LedgerState.GAP
        ranked.append(
            ((state, reason), [(gap.start, gap.end) for gap in layers.gaps if gap.reason is reason])
        )
    ranked.append(((LedgerState.RECORDED, None), list(_seams([*layers.footage, *layers.deleted]))))
    ranked.append(((LedgerState.BEFORE, None), [] if layers.since is None else [(0, layers.since)]))
    return ranked


def _seams(footage: Iterable[Range]) -> Iterator[Range]:
    last: int | None = None
    for start, end in sorted(footage):
        if last is not None and last < start <= last + SEAM_US:
            yield (last, start)
        last = end if last is None else max(last, end)


def _sweep(ranked: list[tuple[_Meaning, list[Range]]], start: int, end: int) -> Iterator[Stretch]:
    """Walks over all borders in order; between two of them the strongest layer that is open counts."""
    borders = [
        (at, rank, step)
        for rank, (_, ranges) in enumerate(ranked)
        for low, high in ranges
        if low < high and high > start and low < end
        for at, step in ((max(low, start), 1), (min(high, end), -1))
    ]
    depth = [0] * len(ranked)
    last = start
    for at, rank, step in sorted(borders):
        if at > last:
            yield _stretch(ranked, depth, last, at)
            last = at
        depth[rank] += step
    if last < end:
        yield _stretch(ranked, depth, last, end)


def _stretch(ranked: list[tuple[_Meaning, list[Range]]], depth: list[int], start: int, end: int) -> Stretch:
    for (state, reason), open_ranges in zip((meaning for meaning, _ in ranked), depth, strict=True):
        if open_ranges:
            return Stretch(WallUs(start), WallUs(end), state, reason)
    return Stretch(WallUs(start), WallUs(end), LedgerState.UNKNOWN)


def _merged(stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    last: Stretch | None = None
    for stretch in stretches:
        if last is not None and (last.state, last.reason) == (stretch.state, stretch.reason):
            last = Stretch(last.start, stretch.end, last.state, last.reason)
            continue
        if last is not None:
            yield last
        last = stretch
    if last is not None:
        yield last


def _recorded_share(stretches: Iterable[Stretch]) -> float:
    length = dict.fromkeys(LedgerState, 0)
    for stretch in stretches:
        length[stretch.state] += stretch.end - stretch.start
    wanted = sum(length.values()) - length[LedgerState.OFF] - length[LedgerState.BEFORE]
    kept = length[LedgerState.RECORDED] + length[LedgerState.DELETED]
    return kept / wanted if wanted else 1.0
