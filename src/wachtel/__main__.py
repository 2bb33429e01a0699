"""``python -m wachtel``: the same as ``wachtel``."""

import sys

from wachtel.app.cli import main

if __name__ == "__main__":
    sys.exit(main())
