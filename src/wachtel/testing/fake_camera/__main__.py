"""``python -m wachtel.testing.fake_camera``: the command without the rest of the product."""

import argparse
import sys

from wachtel.base.errors import WachtelError
from wachtel.testing.fake_camera.command import EXAMPLES, add_arguments, run

if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        "fake-camera", epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_arguments(parser)
    try:
        sys.exit(run(parser.parse_args()))
    except WachtelError as error:
        sys.exit(str(error))
