"""Proves that a journal is whole: its hash chain shows damage, its signatures show who wrote it. Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from wachtel.media.journal import (
    FIRST_PREV,
    DayLine,
    ReadLine,
    SignatureLine,
    line_hash,
    read_lines,
    signed_text,
)

Verify = Callable[[str, str, bytes], bool]
"""Public key (hex), signature (hex) and text: is it a good signature of a key we know?"""


class FaultKind(StrEnum):
    """What is wrong with a line or a day."""

    UNREADABLE = "unreadable_line"
    BROKEN_CHAIN = "broken_chain"
    MISSING_LINES = "missing_lines"
    MISSING_DAY = "missing_day"
    FOREIGN = "foreign_journal"
    BAD_SIGNATURE = "bad_signature"
    UNSIGNED = "unsigned_day"
    AFTER_SIGNATURE = "lines_after_signature"
    TORN = "torn_end"


@dataclass(frozen=True, slots=True)
class Fault:
    """One finding: ``line`` counts from 1; 0 means the file as a whole."""

    kind: FaultKind
    line: int
    what: str


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The last line of a chain: what the next one must refer to."""

    seq: int = 0
    hash: str = FIRST_PREV


@dataclass(frozen=True, slots=True)
class JournalIdentity:
    """Whose journal it must be."""

    volume: str
    site: str
    camera: str


@dataclass(frozen=True, slots=True)
class DayReport:
    """What a day's file proved: its last line (for the file after it), and what is wrong."""

    head: ChainHead
    signed: bool
    faults: tuple[Fault, ...]


def verify_day(data: bytes, before: ChainHead, identity: JournalIdentity, verify: Verify) -> DayReport:
    """Checks one file against the head of the one before it (`ChainHead()` for the very first)."""
    lines = list(read_lines(data))
    faults = [
        *_chain_faults(lines, before),
        *_day_faults(lines, identity),
        *_signature_faults(lines, identity, verify),
    ]
    if not data.endswith(b"\n") and data:
        faults.append(Fault(FaultKind.TORN, len(lines) + 1, "The last line was torn by a crash."))
    signed = bool(lines) and isinstance(lines[-1].entry, SignatureLine)
    return DayReport(_head(lines, before), signed, tuple(faults))


def _head(lines: Sequence[ReadLine], before: ChainHead) -> ChainHead:
    """The signature, which the next file continues whatever was added behind it, else the last line."""
    readable = [line for line in lines if line.entry is not None]
    signatures = [line for line in readable if isinstance(line.entry, SignatureLine)]
    for line in [*signatures, *reversed(readable)]:
        if line.entry is not None:
            return ChainHead(line.entry.seq, line_hash(line.raw))
    return before


def _chain_faults(lines: Sequence[ReadLine], before: ChainHead) -> Iterator[Fault]:
    seq, previous = before.seq, before.hash
    damaged = False
    for line in lines:
        entry = line.entry
        if entry is None:
            yield Fault(FaultKind.UNREADABLE, line.number, "This line cannot be read.")
            seq, previous, damaged = seq + 1, line_hash(line.raw), True
            continue
        if line.number == 1 and entry.prev != previous:
            what = f"This does not continue the journal before it (number {entry.seq} after {seq})."
            yield Fault(FaultKind.MISSING_DAY, 1, what)
        elif entry.prev != previous and not damaged and entry.seq == seq + 1:
            yield Fault(FaultKind.BROKEN_CHAIN, line.number, "The line before this one was changed.")
        elif entry.seq != seq + 1:
            yield Fault(FaultKind.MISSING_LINES, line.number, f"Number {entry.seq} follows number {seq}.")
        seq, previous, damaged = entry.seq, line_hash(line.raw), False


def _day_faults(lines: Sequence[ReadLine], identity: JournalIdentity) -> Iterator[Fault]:
    if not lines:
        return
    first = lines[0].entry
    if not isinstance(first, DayLine):
        yield Fault(FaultKind.FOREIGN, 1, "The first line does not say which day this is.")
    elif (first.volume, first.site, first.camera) != (identity.volume, identity.site, identity.camera):
        yield Fault(
            FaultKind.FOREIGN, 1, f"This belongs to {first.site}/{first.camera} on volume {first.volume}."
        )


def _signature_faults(
    lines: Sequence[ReadLine], identity: JournalIdentity, verify: Verify
) -> Iterator[Fault]:
    first = lines[0].entry if lines else None
    day = first.day if isinstance(first, DayLine) else ""
    for line in lines:
        if isinstance(line.entry, SignatureLine):
            entry = line.entry
            text = signed_text(identity.volume, identity.site, identity.camera, day, entry.prev)
            if not verify(entry.key, entry.signature, text):
                yield Fault(
                    FaultKind.BAD_SIGNATURE, line.number, "The signature is not one of this volume's key."
                )
            if line is not lines[-1]:
                yield Fault(
                    FaultKind.AFTER_SIGNATURE, line.number + 1, "Lines were added after the signature."
                )
