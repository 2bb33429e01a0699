#!/usr/bin/env python
"""Writes docs/reference/supported-cameras.md from the fixtures in tests/cameras.

``--virtual`` makes the fixtures of our virtual cameras anew first.
"""

import argparse
from collections.abc import Iterable
from pathlib import Path

from wachtel.cameras.fixture import Fixture, read_fixture, write_fixture

ROOT = Path(__file__).parents[1]
FIXTURES = ROOT / "tests/cameras"
PAGE = ROOT / "docs/reference/supported-cameras.md"
HEAD = """# Supported cameras

This page is made by `scripts/supported_cameras.py` from the fixtures in `tests/cameras`; do not edit it by hand.

Any camera with RTSP (H.264 or H.265) or Motion JPEG should do. This list holds those of which somebody has shown it.
Yours is missing? `wachtel camera dump ADDRESS -o camera.json` writes what is needed, without address, log-in, serial
number or name. Look at the file, and send it in.
"""
EMPTY = "No owner has sent one in yet.\n"


def page(fixtures: Iterable[tuple[str, Fixture]]) -> str:
    """The text of the page."""
    known = sorted(fixtures, key=lambda one: (one[1].make.lower(), one[1].model.lower(), one[0]))
    owned = [one for one in known if one[1].source == "owner"]
    virtual = [one for one in known if one[1].source != "owner"]
    return (
        f"{HEAD}\n## Shown by owners\n{_table(owned) if owned else EMPTY}"
        "\n## Virtual\nPrograms that behave as these cameras are known to; no proof for the real ones.\n\n"
        f"{_table(virtual)}"
    )


def _table(fixtures: list[tuple[str, Fixture]]) -> str:
    rows = "".join(_row(name, one) for name, one in fixtures)
    return f"| camera | firmware | by | streams | can | remarks |\n|---|---|---|---|---|---|\n{rows}"


def _row(name: str, one: Fixture) -> str:
    camera = " ".join(filter(None, (one.make, one.model))) or name
    streams = ", ".join(
        " ".join(
            filter(
                None, (stream.role, stream.codec, f"{stream.width}x{stream.height}" if stream.width else "")
            )
        )
        for stream in one.streams
    )
    remarks = ", ".join(f"`{code}`" for code in one.findings if code not in ("video", "device"))
    cells = (camera, one.firmware, one.kind, streams or "none", ", ".join(one.abilities), remarks)
    return "| " + " | ".join(cell.replace("|", "/").replace("<", "(") for cell in cells) + " |\n"


def fixtures() -> list[tuple[str, Fixture]]:
    """Those in the repository, by file name."""
    return [(file.stem, read_fixture(file.read_bytes())) for file in sorted(FIXTURES.glob("*.json"))]


def make_virtual() -> None:
    """Tries our virtual NetCams as an owner would, and keeps what came out."""
    from wachtel.base.clock import SystemClock
    from wachtel.cameras.fixture import fixture_of
    from wachtel.cameras.trial import trial
    from wachtel.testing.netcam import Mode, NetCamOptions, VirtualNetCam

    for mode in (Mode.SETUP, Mode.BEFORE_LOCK, Mode.LOCKED, Mode.USTREAMER, Mode.MJPG_STREAMER, Mode.HD):
        free = mode in (Mode.USTREAMER, Mode.MJPG_STREAMER, Mode.HD)
        options = NetCamOptions(mode=mode, http_port=8080 if free else 0, upnp_port=0 if free else 49153)
        with VirtualNetCam(options) as camera:
            camera.state.picture()
            log_in = ":".join(options.credentials or ("admin", "admin"))
            port = 9 if free else camera.http_port
            url = f"netcam://{log_in}@127.0.0.1:{port}"
            report = trial(url, allow_local=True, clock=SystemClock())
        FIXTURES.mkdir(exist_ok=True)
        (FIXTURES / f"virtual-netcam-{mode.value}.json").write_bytes(
            write_fixture(fixture_of(url, report, "virtual"))
        )


def main() -> None:
    """Writes the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--virtual", action="store_true", help="make the fixtures of virtual cameras anew")
    if parser.parse_args().virtual:
        make_virtual()
    PAGE.write_text(page(fixtures()))


if __name__ == "__main__":
    main()
