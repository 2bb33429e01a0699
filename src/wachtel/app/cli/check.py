"""``wachtel check``: compares volume, files, journals and index."""

import argparse
import json
from typing import TYPE_CHECKING

from wachtel.app.cli.options import add_data, say, show

if TYPE_CHECKING:
    from wachtel.storage.check import Finding


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "check",
        help="compare files, journals and index",
        description="Compares volume, files, journals and index in all directions; ends 0 when clean, 1 with findings. "
        "Nothing is changed; it may run beside the server.",
    )
    add_data(parser)
    parser.add_argument("--deep", action="store_true", help="also read every file and compare its hash")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Prints each finding with what would mend it."""
    from wachtel.app.cli.progress import ProgressLine
    from wachtel.storage.check import check
    from wachtel.storage.data_folder import places

    where, found = places(options.data), 0
    with ProgressLine("files") as line:
        for finding in check(
            where.archive, where.keys, where.index_path,
            deep=options.deep, progress=line.tell, reading=line.tell_bytes,
        ):  # fmt: skip
            found += 1
            line.clear()
            show(json.dumps(_as_json(finding)) if options.json else _as_text(finding))
    if not options.json:
        say(_in_words(found))
    return 1 if found else 0


def _as_json(finding: "Finding") -> dict[str, str]:
    return {"kind": finding.kind, "place": finding.place, "what": finding.what, "mend": finding.mend}


def _as_text(finding: "Finding") -> str:
    return f"{finding.place}: {finding.what}\n  {finding.mend}"


def _in_words(found: int) -> str:
    if not found:
        return "Clean: volume, files, journals and index agree."
    return "1 finding." if found == 1 else f"{found} findings."
