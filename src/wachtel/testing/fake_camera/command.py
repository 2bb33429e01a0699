"""``wachtel fake-camera``: its arguments, and running it until a signal or the end of the file."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.testing.command_line import add_host, add_port, tell

if TYPE_CHECKING:
    from wachtel.testing.fake_camera.options import FakeCameraOptions, Fault

EXAMPLES = """\
faults (WHEN in seconds after the first PLAY; may be repeated; NAME:WHEN:FOR ends some of them after FOR seconds):
  drop                  connections are cut, new sessions are accepted
  flap                  the same again and again, every WHEN seconds
  stall                 sessions that play get nothing more, but stay connected
  silent                connections are accepted and nothing is answered any more
  half-open             the same, and the camera does not notice when the other end leaves
  one-byte-per-second   answers come a byte a second
  endless-header        the header of the next answer never ends
  wrong-password-later  the password changes, connections are cut
  dts-step-back         timestamps step back once
  sps-change            pictures change their size at a key frame
  packet-loss           two packets of a hundred are never sent
  clock-jump            the camera's clock is set an hour ahead, its timestamps with it
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("main", type=Path, metavar="MAIN", help="file played as the main stream")
    parser.add_argument("sub", type=Path, metavar="SUB", nargs="?", help="file played as the sub stream")
    add_host(parser)
    add_port(parser, "--port", "RTSP port")
    add_port(parser, "--http-port", "HTTP port")
    parser.add_argument("--user", metavar="U", help="user name asked for; without one anybody may look")
    parser.add_argument("--password", default="", metavar="P", help="its password")
    parser.add_argument(
        "--auth", choices=("basic", "digest"), default="basic", help="how it is asked for (default basic)"
    )
    parser.add_argument(
        "--loop", action="store_true", help="begin again at the end, with timestamps that go on rising"
    )
    parser.add_argument(
        "--fault",
        action="append",
        type=_fault,
        default=[],
        metavar="NAME:WHEN",
        dest="faults",
        help="what goes wrong, see below",
    )
    parser.add_argument("--no-rtcp", action="store_true", help="send no sender reports, as some cameras do")
    parser.add_argument("--end-with-stdin", action="store_true", help=argparse.SUPPRESS)


def _fault(text: str) -> "Fault":
    from wachtel.testing.fake_camera.options import Fault

    try:
        return Fault.parse(text)
    except WachtelError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def run(args: argparse.Namespace) -> int:
    """Prints the URLs and plays until a signal comes, then returns 0. Raises `WachtelError`."""
    import asyncio

    from wachtel.protocols.http_auth import AuthScheme
    from wachtel.testing.fake_camera.options import FakeCameraOptions

    if args.password and args.user is None:
        raise WachtelError(ErrorKind.INVALID, "A password without a user was given.", hint="Add --user NAME.")
    options = FakeCameraOptions(
        host=args.host,
        port=args.port,
        http_port=args.http_port,
        user=args.user,
        password=args.password,
        auth=AuthScheme(args.auth),
        loop=args.loop,
        rtcp=not args.no_rtcp,
        faults=tuple(args.faults),
    )
    return asyncio.run(_play(args.main, args.sub, options, end_with_stdin=args.end_with_stdin))


async def _play(main: Path, sub: Path | None, options: "FakeCameraOptions", *, end_with_stdin: bool) -> int:
    import asyncio
    import signal

    from wachtel.testing.fake_camera.camera import FakeCamera

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if end_with_stdin:
        loop.add_reader(sys.stdin.fileno(), stop.set)
    async with FakeCamera(main, sub, options) as camera:
        tell(camera.urls())
        await stop.wait()
    return 0
