"""``python -m wachtel``: the same as ``wachtel``."""

import sys


def main() -> int:
    """Runs the command line."""
    # Every worker imports this module once more, under another name, and has no use for a command line.
    from wachtel.app.cli import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
