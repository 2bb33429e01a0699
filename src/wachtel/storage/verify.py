"""Proves that journals and footage are as they were written, and says where they are not. Changes nothing.

The chain of hashes shows every change in a journal, the signature of each closed day shows who wrote it, and the
hashes in it show every change in a file. What the open day says is not signed yet.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.media.archive_layout import EXPORT_FILE, JOURNAL_LOCK, journal_folder
from wachtel.media.fmp4_read import Bytes, RandomAccess, read_fragments, read_head
from wachtel.media.journal import DeletedLine, SegmentLine, read_lines
from wachtel.media.journal_chain import ChainHead, FaultKind, JournalIdentity, verify_day
from wachtel.storage.files.disk import DiskSource, RealDisk, read_all, trouble
from wachtel.storage.files.reading import CameraPlace, cameras, journals, segment_files
from wachtel.storage.files.recovery import hash_file
from wachtel.storage.files.volume import Marker, read_marker, valid_signature

Progress = Callable[[int, int], None]
"""Called with files done and files in all."""


@dataclass(frozen=True, slots=True)
class Damage:
    """One thing that is not as it was written: where, and what.

    ``start`` and ``end`` are the footage it concerns, None where it concerns none that is known.
    """

    kind: str
    place: str
    what: str
    start: WallUs | None = None
    end: WallUs | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """What is looked at; None means all. Journals of a camera are always proved as a whole, since they are one
    chain."""

    camera: str | None = None
    start: WallUs | None = None
    end: WallUs | None = None

    def covers(self, start: int, end: int) -> bool:
        """True when a stretch of footage is asked for."""
        return (self.start is None or end > self.start) and (self.end is None or start < self.end)


@dataclass(slots=True)
class Proof:
    """What was proved, in numbers, and everything that was not."""

    key: str = ""
    cameras: int = 0
    days: int = 0
    signed_days: int = 0
    lines: int = 0
    files: int = 0
    size_bytes: int = 0
    damages: list[Damage] = field(default_factory=list)


@dataclass(slots=True)
class _Listed:
    """What the journals of a camera say: files by path, those deleted left out."""

    segments: dict[str, SegmentLine] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)


def verify(archive: Path, scope: Scope, *, key: str | None = None, progress: Progress | None = None) -> Proof:
    """Proves an archive, or part of it; may run beside the server.

    ``key`` is the public key (hex) that must have signed, noted at a safe place; without it the keys named in
    VOLUME.json count. Raises `WachtelError`: foreign_volume without a marker, not_found for an unknown camera,
    disk_error.
    """
    disk = RealDisk(archive)
    marker = read_marker(disk)
    proof = Proof(key=marker.signing_key)
    places = [place for place in cameras(disk) if scope.camera in (None, place.camera)]
    if not places and scope.camera is not None:
        raise WachtelError(ErrorKind.NOT_FOUND, f"The archive holds nothing of a camera {scope.camera!r}.")
    known = _keys(marker, key, proof)
    try:
        found = [(place, _prove_journals(disk, marker, place, known, proof)) for place in places]
        _prove_files(disk, found, scope, proof, progress)
    except OSError as error:
        raise trouble(error, "read the archive") from error
    return proof


def verify_file(archive: Path, path: Path, *, key: str | None = None) -> Proof:
    """Proves one copy of a segment, wherever it lies, by the journals of the archive.

    Raises `WachtelError`: bad_data for a file that does not say where it belongs, not_found when it belongs to a
    camera that this archive does not know, disk_error.
    """
    disk = RealDisk(archive)
    marker = read_marker(disk)
    proof = Proof(key=marker.signing_key)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise trouble(error, f"read {path}") from error
    identity = read_head(Bytes(data)).identity
    if identity is None:
        raise WachtelError(
            ErrorKind.BAD_DATA,
            f"{path} does not say where it belongs.",
            hint="Only whole files of the archive can be proved; export with --originals keeps them whole.",
        )
    if identity.volume != marker.volume:
        raise WachtelError(ErrorKind.NOT_FOUND, f"{path} belongs to another archive, {identity.volume}.")
    place = CameraPlace(identity.site, identity.camera)
    known = _keys(marker, key, proof)
    listed = _prove_journals(disk, marker, place, known, proof)
    _prove_copy(disk, path, data, listed, identity.stream.value, identity.start, proof)
    return proof


def signed_by(known: frozenset[str]) -> Callable[[str, str, bytes], bool]:
    """A check of signatures that accepts these public keys (hex) alone."""

    def is_signed(key: str, signature: str, text: bytes) -> bool:
        return key in known and valid_signature(key, signature, text)

    return is_signed


def _keys(marker: Marker, key: str | None, proof: Proof) -> frozenset[str]:
    if key is None:
        return frozenset((marker.signing_key, *marker.earlier_signing_keys))
    if key.lower() != marker.signing_key and key.lower() not in marker.earlier_signing_keys:
        what = f"VOLUME.json names the key {marker.signing_key}, not the one you noted."
        proof.damages.append(Damage("foreign_key", "VOLUME.json", what))
    return frozenset((key.lower(),))


def _prove_journals(
    disk: RealDisk, marker: Marker, place: CameraPlace, known: frozenset[str], proof: Proof
) -> _Listed:
    proof.cameras += 1
    identity = JournalIdentity(marker.volume, place.site, place.camera)
    live = disk.is_locked(f"{journal_folder(place.site, place.camera)}/{JOURNAL_LOCK}")
    head, listed = ChainHead(), _Listed()
    whole = {path: read_all(disk, path) for path in journals(disk, place)}
    order = sorted(whole, key=lambda path: (_first_seq(whole[path]), path))
    if order and disk.exists(f"../{EXPORT_FILE}"):
        head = _head_before(whole[order[0]])
    for path in order:
        report = verify_day(whole[path], head, identity, signed_by(known))
        head = report.head
        proof.days += 1
        proof.signed_days += report.signed
        newest = path == order[-1]
        for fault in report.faults:
            if not (fault.kind is FaultKind.TORN and newest and live):
                where = f"{path}:{fault.line}" if fault.line else path
                proof.damages.append(Damage(fault.kind.value, where, fault.what))
        if not report.signed and not newest:
            what = (
                "The day was closed without a signature: nothing says who wrote it, but the next day's does."
            )
            proof.damages.append(Damage(FaultKind.UNSIGNED.value, path, what))
        _list(whole[path], listed, proof)
    return listed


def _list(data: bytes, listed: _Listed, proof: Proof) -> None:
    for line in read_lines(data):
        proof.lines += 1
        match line.entry:
            case SegmentLine() as entry:
                listed.segments[entry.file] = entry
                listed.gone.discard(entry.file)
            case DeletedLine() as entry:
                listed.segments.pop(entry.file, None)
                listed.gone.add(entry.file)
            case _:
                pass


def _head_before(data: bytes) -> ChainHead:
    """What an excerpt's first journal says of the one before it, which is not here."""
    first = next((line.entry for line in read_lines(data) if line.entry is not None), None)
    return ChainHead() if first is None else ChainHead(first.seq - 1, first.prev)


def _first_seq(data: bytes) -> int:
    return next((line.entry.seq for line in read_lines(data) if line.entry is not None), 0)


def _prove_files(
    disk: RealDisk,
    found: list[tuple[CameraPlace, _Listed]],
    scope: Scope,
    proof: Proof,
    progress: Progress | None,
) -> None:
    todo = [
        line
        for _, listed in found
        for line in sorted(listed.segments.values(), key=lambda line: line.start)
        if scope.covers(line.start, line.end)
    ]
    for done, line in enumerate(todo):
        if progress is not None:
            progress(done, len(todo))
        damage = _prove_file(disk, line)
        proof.files += 1
        proof.size_bytes += line.bytes
        if damage is not None:
            proof.damages.append(damage)
    if progress is not None:
        progress(len(todo), len(todo))
    for place, listed in found:
        proof.damages += _strangers(disk, place, listed, scope)


def _prove_file(disk: RealDisk, line: SegmentLine) -> Damage | None:
    span = WallUs(line.start), WallUs(line.end)
    try:
        size, sha256 = hash_file(disk, line.file)
    except FileNotFoundError:
        return Damage("missing", line.file, "The journal lists this file, but it is not there.", *span)
    if sha256 == line.sha256:
        return None
    where = _where_broken(DiskSource(disk, line.file), line)
    kind = "shortened" if size < line.bytes else "altered"
    return Damage(kind, line.file, f"This file has changed since it was recorded{where}.", *span)


def _where_broken(source: RandomAccess, line: SegmentLine) -> str:
    """In words where the structure of a file ends before it should; "" when it is whole."""
    try:
        head = read_head(source)
    except WachtelError:
        return ": its beginning cannot be read"
    end, wall, frames = head.size_bytes, line.start, 0
    try:
        for fragment in read_fragments(source, head):
            end, wall, frames = fragment.end, fragment.wall_end, frames + fragment.samples
    except WachtelError:
        pass
    if frames == line.frames:
        return ", in its pictures or its head; all of them are there"
    return f": it can be read up to byte {end}, {(wall - line.start) / 1e6:.1f} s into it"


def _strangers(disk: RealDisk, place: CameraPlace, listed: _Listed, scope: Scope) -> Iterator[Damage]:
    """Files that lie among the footage and that no journal vouches for; the ones being written are expected."""
    live = disk.is_locked(f"{journal_folder(place.site, place.camera)}/{JOURNAL_LOCK}")
    unlisted: dict[str, list[str]] = {}
    for stream, path in segment_files(disk, place):
        if path not in listed.segments:
            unlisted.setdefault(stream, []).append(path)
    if scope.start is None and scope.end is None:
        for paths in unlisted.values():
            for path in paths[: max(0, len(paths) - 2)] if live else paths:
                deleted = path in listed.gone
                what = (
                    "The journal says that this file was deleted."
                    if deleted
                    else "No journal lists this file."
                )
                yield Damage("not_listed", path, what)


def _prove_copy(
    disk: RealDisk, path: Path, data: bytes, listed: _Listed, stream: str, start: int, proof: Proof
) -> None:
    sha256 = hashlib.sha256(data).hexdigest()
    proof.files, proof.size_bytes = 1, len(data)
    lines = [line for line in listed.segments.values() if (line.stream, line.start) == (stream, start)]
    if any(line.sha256 == sha256 for line in lines):
        return
    if not lines:
        proof.damages.append(
            Damage("not_listed", str(path), "No journal lists this file, or it was deleted.")
        )
        return
    (line, *_) = lines
    span = WallUs(line.start), WallUs(line.end)
    where = _first_difference(disk, line, data) or _where_broken(Bytes(data), line)
    kind = "shortened" if len(data) < line.bytes else "altered"
    proof.damages.append(Damage(kind, str(path), f"This file differs from the recorded one{where}.", *span))


def _first_difference(disk: RealDisk, line: SegmentLine, data: bytes) -> str:
    """Compares with the file in the archive, if that is still as it was recorded."""
    if not disk.exists(line.file) or hash_file(disk, line.file)[1] != line.sha256:
        return ""
    original = read_all(disk, line.file)
    at = next(
        (n for n, (a, b) in enumerate(zip(original, data, strict=False)) if a != b),
        min(len(original), len(data)),
    )
    source, wall = Bytes(original), line.start
    for fragment in read_fragments(source, read_head(source)):
        if fragment.end > at:
            break
        wall = fragment.wall_end
    return f" from byte {at} on, {(wall - line.start) / 1e6:.1f} s into it"
