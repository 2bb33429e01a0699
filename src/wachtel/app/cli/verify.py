"""``wachtel verify``: shows where a clip, a file or a day was damaged or altered."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wachtel.app.cli.options import add_data, iso, moment_argument, say, show, usage_error

if TYPE_CHECKING:
    from wachtel.storage.verify import Damage, Proof, Scope


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "verify",
        help="prove that footage and journals were not changed",
        description="Proves by hash chain, signatures and hashes that journals and footage are as they were written, "
        "and shows where they are not; ends 0 when all is proved, 1 with damage. Nothing is changed; it may run beside "
        "the server.",
    )
    parser.add_argument("file", nargs="*", type=Path, metavar="FILE", help="prove only these copies of files")
    add_data(parser)
    parser.add_argument("--camera", metavar="C", help="only this camera, by its id")
    parser.add_argument("--event", metavar="ID", help="only the footage of this event, with its rolls")
    parser.add_argument(
        "--from", dest="start", type=moment_argument, metavar="T", help="only footage from here on"
    )
    parser.add_argument("--to", dest="end", type=moment_argument, metavar="T", help="and up to here")
    parser.add_argument("--key", metavar="HEX", help="the public key that must have signed, as you noted it")
    parser.add_argument(
        "--json", action="store_true", help="one JSON object for each damage, then one with numbers"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Prints each damage and what was proved."""
    from wachtel.storage.verify import Proof, verify, verify_file

    archive = options.data / "archive"
    if options.file:
        if options.camera or options.event or options.start or options.end:
            raise usage_error("Give files, or a part of the archive, but not both.")
        proofs = [verify_file(archive, path, key=options.key) for path in options.file]
    else:
        proofs = [verify(archive, _scope(options), key=options.key, progress=_tell_progress)]
    damages = [damage for proof in proofs for damage in proof.damages]
    for damage in damages:
        show(json.dumps(_as_json(damage)) if options.json else _in_words(damage))
    total = Proof(proofs[0].key)
    for proof in proofs:
        total.cameras, total.days = total.cameras + proof.cameras, total.days + proof.days
        total.signed_days, total.lines = total.signed_days + proof.signed_days, total.lines + proof.lines
        total.files, total.size_bytes = total.files + proof.files, total.size_bytes + proof.size_bytes
    _summarise(total, len(damages), as_json=options.json)
    return 1 if damages else 0


def _scope(options: argparse.Namespace) -> "Scope":
    from wachtel.storage.verify import Scope

    if options.event is None:
        return Scope(options.camera, options.start, options.end)
    from wachtel.app.archive_reader import event_in

    event, start, end = event_in(options.data, options.event)
    return Scope(event.camera, start, end)


def _summarise(proof: "Proof", damages: int, *, as_json: bool) -> None:
    if as_json:
        show(
            json.dumps(
                {
                    "files": proof.files,
                    "bytes": proof.size_bytes,
                    "days": proof.days,
                    "signed_days": proof.signed_days,
                    "lines": proof.lines,
                    "key": proof.key,
                    "damages": damages,
                }
            )
        )
        return
    days = f"{proof.days} days of journals ({proof.signed_days} of them signed)"
    say(f"{proof.files} files, {days}, {proof.lines} lines; key {proof.key}")
    say("All of it is as it was written." if not damages else f"{damages} not as written.")


def _as_json(damage: "Damage") -> dict[str, Any]:
    return {
        "kind": damage.kind,
        "place": damage.place,
        "what": damage.what,
        "start": None if damage.start is None else iso(damage.start),
        "end": None if damage.end is None else iso(damage.end),
    }


def _in_words(damage: "Damage") -> str:
    if damage.start is None or damage.end is None:
        return f"{damage.place}: {damage.what}"
    return f"{damage.place}: {damage.what} It holds {iso(damage.start)} to {iso(damage.end)}."


def _tell_progress(done: int, of: int) -> None:
    if of and (done == of or done % 200 == 0):
        say(f"{done} of {of} files")
