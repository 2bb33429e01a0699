"""``wachtel import``: recordings of Frigate or motionEye become footage of the archive."""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wachtel.app.cli.options import add_data, iso, say, show, usage_error

if TYPE_CHECKING:
    from wachtel.pipeline.importing.importer import Importer, Target
    from wachtel.pipeline.importing.summary import CameraSummary, Summary
    from wachtel.storage.foreign import Found

LAYOUTS = ("frigate", "motioneye")
MOST_NAMED = 20


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "import",
        help="take over recordings of Frigate or motionEye",
        description="Makes footage of the archive from the MP4 files of another program, with their times, without "
        "touching a picture. The folder is only read. May be ended at any moment and begun again: nothing is imported "
        "twice. Works beside the server and without it.",
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the other program's recordings")
    parser.add_argument("--layout", choices=LAYOUTS, help="how they are named (default: found out)")
    parser.add_argument(
        "--camera", action="append", default=[], type=camera_argument, metavar="NAME[=ID]",
        help="only this camera of the other program, as the camera with this id here; may be repeated",
    )  # fmt: skip
    parser.add_argument("--site", metavar="S", help="id of the site of cameras that are new here")
    parser.add_argument(
        "--timezone", metavar="ZONE", help="of local times in names (default: that of the camera's site)"
    )
    parser.add_argument("--without-sound", action="store_true", help="leave sound out")
    parser.add_argument("--dry-run", action="store_true", help="look at everything and change nothing")
    parser.add_argument("--json", action="store_true", help="the summary as one JSON object")
    add_data(parser)
    parser.set_defaults(run=run)


def camera_argument(text: str) -> tuple[str, str]:
    """``NAME=ID`` or ``NAME``."""
    name, _, id = text.partition("=")
    if not name:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=ID")
    return name, id


def run(options: argparse.Namespace) -> int:
    """Looks the folder through, then imports it."""
    from wachtel.app import importing
    from wachtel.base.clock import SystemClock
    from wachtel.storage.foreign import LAYOUTS as KNOWN
    from wachtel.storage.foreign import scan

    chosen = dict(options.camera)
    if len(chosen) != len(options.camera):
        raise usage_error("A camera is named twice.")
    found = scan(options.folder, KNOWN, options.layout)
    house = importing.house_of(options.data)
    targets = importing.targets_of(house, found.cameras, chosen, options.site, options.timezone)
    _tell_plan(found, targets)
    with importing.importer(options.data, house, SystemClock(), _Progress(dry=options.dry_run)) as work:
        importing.must_not_lie_elsewhere(work.volume, targets)
        importing.must_have_room(options.data / "archive", work.left_to_do(found, targets))
        if not options.dry_run:
            importing.introduce(work.volume, targets, house)
        return _work(work, found, targets, options)


def _work(
    work: "Importer", found: "Found", targets: "Mapping[str, Target]", options: argparse.Namespace
) -> int:
    from wachtel.pipeline.importing.importer import Wishes

    try:
        work.run(found, targets, Wishes(sound=not options.without_sound, dry=options.dry_run))
    finally:
        summary = work.summary
        if options.json:
            show(json.dumps(_as_json(summary)))
        else:
            _tell(summary, dry=options.dry_run)
    return 1 if summary.skipped and not (summary.files or summary.already) else 0


def _tell_plan(found: "Found", targets: "Mapping[str, Target]") -> None:
    from wachtel.app.importing import gigabytes

    say(f"{len(found.files)} recordings of {found.layout.title}, {gigabytes(found.size_bytes)}")
    counts = Counter(file.named.camera for file in found.files)
    for name, number in sorted(counts.items()):
        target = targets.get(name)
        where = "left out" if target is None else f"to {target.site}/{target.camera}"
        local = "" if target is None or _in_utc(found, name) else f", times are of {target.zone}"
        say(f"  {name}: {number} recordings {where}{local}")


def _in_utc(found: "Found", camera: str) -> bool:
    return all(file.named.begins.tzinfo is not None for file in found.files if file.named.camera == camera)


def _tell(summary: "Summary", *, dry: bool) -> None:
    for camera in summary.cameras:
        show(_camera_in_words(camera, dry=dry))
    for skipped in summary.skipped[:MOST_NAMED]:
        show(f"skipped {skipped.path}: {skipped.why}")
    if len(summary.skipped) > MOST_NAMED:
        show(f"... and {len(summary.skipped) - MOST_NAMED} more; --json names them all")
    for line in _remarks(summary):
        show(line)
    done = "would be imported" if dry else "imported"
    show(f"{summary.files} recordings {done}, {summary.already} were there, {len(summary.skipped)} skipped")


def _camera_in_words(camera: "CameraSummary", *, dry: bool) -> str:
    from wachtel.app.importing import gigabytes, hours

    span = ""
    if camera.first is not None and camera.last is not None:
        span = f", from {iso(camera.first)} to {iso(camera.last)}"
    made = "" if dry else f" in {camera.segments} files of the archive"
    return (
        f"{camera.source} to {camera.site}/{camera.camera}: {camera.files} recordings{made}, "
        f"{hours(camera.length_us)} h, {gigabytes(camera.size_bytes)}{span}"
    )


def _remarks(summary: "Summary") -> list[str]:
    found = []
    if summary.strangers:
        found.append(f"{summary.strangers} files are no recordings of this layout and were left alone")
    if summary.soundless:
        found.append(f"{summary.soundless} recordings without their sound: its format cannot be kept in MP4")
    if summary.shown_twice:
        found.append(
            f"{summary.shown_twice} recordings are of the hour that clocks show twice in autumn: placed by when they "
            "were written, else by their order"
        )
    if summary.never_shown:
        found.append(f"{summary.never_shown} recordings are of an hour that clocks leave out in spring")
    if summary.dated_otherwise:
        found.append(
            f"{summary.dated_otherwise} recordings say another time themselves, such as: {summary.dated_example}. "
            "Is the time zone right?"
        )
    return found


def _as_json(summary: "Summary") -> dict[str, Any]:
    return {
        "files": summary.files,
        "already": summary.already,
        "skipped": [{"path": str(one.path), "why": one.why} for one in summary.skipped],
        "strangers": summary.strangers,
        "soundless": summary.soundless,
        "shown_twice": summary.shown_twice,
        "never_shown": summary.never_shown,
        "dated_otherwise": summary.dated_otherwise,
        "cameras": [
            {
                "source": one.source,
                "camera": one.camera,
                "site": one.site,
                "files": one.files,
                "already": one.already,
                "segments": one.segments,
                "bytes": one.size_bytes,
                "seconds": one.length_us / 1e6,
                "start": None if one.first is None else iso(one.first),
                "end": None if one.last is None else iso(one.last),
            }
            for one in summary.cameras
        ],
    }


class _Progress:
    """On a terminal one line that counts, else a line now and then."""

    EVERY = 500

    def __init__(self, *, dry: bool) -> None:
        self._doing = "looked at" if dry else "done"

    def __call__(self, done: int, of: int, size_bytes: int) -> None:
        from wachtel.app.importing import gigabytes

        text = f"{done} of {of} recordings {self._doing}, {gigabytes(size_bytes)}"
        if sys.stderr.isatty():
            print(f"\r{text}", end="\n" if done == of else "", file=sys.stderr, flush=True)
        elif done == of or done % self.EVERY == 0:
            say(text)
