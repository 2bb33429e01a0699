"""``wachtel check``: compares volume, files, journals and index."""

import argparse
import json

from wachtel.app.cli.options import add_data, say


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
    from wachtel.storage.check import check

    data = options.data
    found = 0
    for finding in check(data / "archive", data / "keys", data / "index.sqlite", deep=options.deep):
        found += 1
        if options.json:
            print(
                json.dumps(
                    {"kind": finding.kind, "place": finding.place, "what": finding.what, "mend": finding.mend}
                )
            )
        else:
            print(f"{finding.place}: {finding.what}\n  {finding.mend}")
    if not options.json:
        say(_in_words(found))
    return 1 if found else 0


def _in_words(found: int) -> str:
    if not found:
        return "Clean: volume, files, journals and index agree."
    return "1 finding." if found == 1 else f"{found} findings."
