"""``wachtel fake-onvif``: its arguments, and running it until a signal."""

import argparse
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.testing.command_line import add_host, add_motion_every, add_port, stop_signal, tell

if TYPE_CHECKING:
    import threading

    from wachtel.testing.fake_onvif.options import OnvifOptions, OnvifStream
    from wachtel.testing.fake_onvif.server import FakeOnvif

AUTHS = ("digest", "token", "none")
QUIRKS = {
    "wrong-host": "services and streams are said to be at another host, as behind a router",
    "no-snapshot": "stills are refused with a fault",
    "no-services": "GetServices is not known, GetCapabilities is",
    "other-prefixes": "every namespace prefix is another than everybody's",
    "unbound-prefixes": "prefixes are used that nothing declares",
    "old-faults": "faults have the form of SOAP 1.1",
    "locks": "the third wrong password locks the account",
    "no-renew": "subscriptions cannot be renewed",
    "hasty-pull": "PullMessages answers at once instead of waiting",
    "chunked": "answers come in chunks, asked for or not",
    "stale-nonce": "a digest nonce holds for one question",
    "no-media": "offers no profile at all",
    "no-nodes": "GetNodes is refused, as by small PTZ cameras; movement works",
    "zoom-only": "a motor zoom without a pan and tilt head: any word about turning is refused",
    "no-move-timeout": "a movement with a time limit is refused",
    "no-stop": "Stop is refused; a movement at no speed stops",
    "relays-in-io": "outputs are known to the DeviceIO service alone",
    "pulse-relays": "outputs go off by themselves after three seconds",
}
EXAMPLES = "quirks:\n" + "".join(f"  {name:17} {what}\n" for name, what in QUIRKS.items())
_LOOKED_AT_S = 12.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument(
        "main", metavar="MAIN", help="file played as the main stream, or an rtsp URL given out"
    )
    parser.add_argument("sub", metavar="SUB", nargs="?", help="the same for the sub stream")
    add_host(parser)
    add_port(parser, "--port", "port of the ONVIF services")
    add_port(parser, "--rtsp-port", "port of the streams")
    parser.add_argument("--user", default="", metavar="U", help="user name; without one anybody may ask")
    parser.add_argument("--password", default="", metavar="P", help="its password")
    parser.add_argument(
        "--auth",
        choices=AUTHS,
        help="how it wants to be shown who asks: digest (default with a user) or UsernameToken",
    )
    for name, default in (
        ("make", "Wachtel"),
        ("model", "Virtual camera"),
        ("name", "Garden"),
        ("serial", "0001"),
    ):
        parser.add_argument(f"--{name}", default=default, help=f"its {name} (default: {default})")
    parser.add_argument(
        "--clock-ahead",
        type=float,
        default=0.0,
        metavar="S",
        help="seconds its clock is ahead of this machine's",
    )
    parser.add_argument("--quirk", choices=list(QUIRKS), action="append", default=[], help="see below")
    parser.add_argument(
        "--motion",
        type=_stretch,
        action="append",
        default=[],
        metavar="WHEN:FOR",
        help="see motion WHEN seconds after the start, for FOR seconds; may be repeated",
    )
    add_motion_every(parser, "it")
    parser.add_argument("--no-ptz", action="store_true", help="a camera that does not turn")
    parser.add_argument("--https", action="store_true", help="with a certificate it signed itself")
    parser.add_argument("--ws-discovery", action="store_true", help="answer searches on UDP port 3702")


def _stretch(text: str) -> tuple[float, float]:
    try:
        at_s, _, for_s = text.partition(":")
        found = float(at_s), float(for_s)
    except ValueError:
        found = (-1.0, -1.0)
    if not (0 <= found[0] < 1e6 and 0 < found[1] < 1e6):
        raise argparse.ArgumentTypeError(f"{text!r} is not WHEN:FOR in seconds")
    return found


def run(args: argparse.Namespace) -> int:
    """Prints the addresses and runs until a signal comes, then returns 0. Raises `WachtelError`."""
    from wachtel.testing.fake_onvif.server import FakeOnvif

    stop = stop_signal()
    with ExitStack() as open_ones:
        streams, snapshot = _streams(args, open_ones)
        fake = open_ones.enter_context(FakeOnvif(_options(args, streams, snapshot)))
        if args.ws_discovery:
            open_ones.enter_context(_discovery(fake))
        tell({"onvif": fake.url, "device": fake.device_url, **{one.token: one.uri for one in streams}})
        if snapshot:
            tell({"snapshot": fake.snapshot_url})
        _play(fake, args, stop)
    return 0


def _options(args: argparse.Namespace, streams: "tuple[OnvifStream, ...]", snapshot: bytes) -> "OnvifOptions":
    from wachtel.testing.fake_onvif.options import OnvifAuth, OnvifOptions, Quirk

    if args.password and not args.user:
        raise WachtelError(ErrorKind.INVALID, "A password without a user was given.", hint="Add --user NAME.")
    usual = OnvifOptions()
    return OnvifOptions(
        streams=streams,
        make=args.make,
        model=args.model,
        name=args.name,
        serial=args.serial,
        user=args.user,
        password=args.password,
        auth=OnvifAuth(args.auth or ("digest" if args.user else "none")),
        clock_ahead_s=args.clock_ahead,
        snapshot=snapshot,
        presets=() if args.no_ptz else usual.presets,
        quirks=frozenset(Quirk(name) for name in args.quirk),
        host=args.host,
        port=args.port,
        https=args.https,
    )


def _discovery(fake: "FakeOnvif") -> "ExitStack":
    from wachtel.protocols.onvif.discovery import PORT
    from wachtel.testing.fake_onvif.discovery import DiscoveryResponder

    opened = ExitStack()
    opened.enter_context(
        DiscoveryResponder(fake.options, fake.device_url, fake.options.host, PORT, multicast=True)
    )
    return opened


def _streams(args: argparse.Namespace, open_ones: ExitStack) -> "tuple[tuple[OnvifStream, ...], bytes]":
    """The profiles and a still: of files that are played here, or of streams that others give."""
    from wachtel.testing.fake_onvif.options import OnvifStream

    given = [one for one in (args.main, args.sub) if one is not None]
    names = ("main", "sub")
    if all("://" in one for one in given):
        return tuple(OnvifStream(name, uri) for name, uri in zip(names, given, strict=False)), b""
    if any("://" in one for one in given):
        raise WachtelError(ErrorKind.INVALID, "MAIN and SUB are both files, or both URLs.")
    from wachtel.testing.fake_camera.pictures import Pictures

    uris = _played(args, [Path(one) for one in given], open_ones)
    streams = tuple(
        _described(name, uri, Path(file)) for name, uri, file in zip(names, uris, given, strict=False)
    )
    return streams, Pictures(Path(given[0])).at(0.0).jpeg


def _played(args: argparse.Namespace, files: list[Path], open_ones: ExitStack) -> list[str]:
    from wachtel.protocols.http_auth import AuthScheme
    from wachtel.testing.fake_camera.options import FakeCameraOptions
    from wachtel.testing.fake_camera.threaded import ThreadedFakeCamera

    options = FakeCameraOptions(
        host=args.host,
        port=args.rtsp_port,
        user=args.user or None,
        password=args.password,
        auth=AuthScheme.DIGEST,
        loop=True,
    )
    camera = open_ones.enter_context(
        ThreadedFakeCamera(files[0], files[1] if len(files) > 1 else None, options)
    )
    return [camera.main_url, *([camera.sub_url] if camera.sub_url else [])]


def _described(token: str, uri: str, file: Path) -> "OnvifStream":
    """What the file is; its distance of key frames from its first seconds."""
    import av

    from wachtel.testing.fake_onvif.options import OnvifStream

    with av.open(file.as_posix()) as container:
        video = container.streams.video[0]
        fps = round(float(video.average_rate or 25))
        pictures, keys = 0, 0
        for packet in container.demux(video):
            if packet.dts is None or pictures > fps * _LOOKED_AT_S:
                break
            pictures, keys = pictures + 1, keys + packet.is_keyframe
        codec = {"hevc": "H265"}.get(video.codec_context.name, "H264")
        width, height = video.codec_context.width, video.codec_context.height
    return OnvifStream(token, uri, codec, width, height, fps, round(pictures / max(1, keys)))


def _play(fake: "FakeOnvif", args: argparse.Namespace, stop: "threading.Event") -> None:
    """Motion by the script, and then again and again where that is wanted."""
    from wachtel.base.clock import SystemClock

    clock = SystemClock()
    began = clock.monotonic_s()
    script = [change for at_s, for_s in args.motion for change in ((at_s, True), (at_s + for_s, False))]
    for at_s, seen in sorted(script):
        if clock.wait(stop, max(0.0, began + at_s - clock.monotonic_s())):
            return
        fake.set_motion(seen)
    while not clock.wait(stop, args.motion_every / 2 or 3600.0):
        if args.motion_every:
            fake.set_motion(not fake.state.motion)
