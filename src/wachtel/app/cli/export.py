"""``wachtel export``: any range as a film, or several cameras in one ZIP with their journals."""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from wachtel.app.cli.options import add_data, iso, moment_argument, say, usage_error

if TYPE_CHECKING:
    from wachtel.pipeline.exports import Exporter, Film


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "export",
        help="take any range of footage along",
        description="Writes what a camera recorded in any range as one MP4 without touching a picture, or several "
        "cameras into one ZIP with their journals. Works beside the server and without it.",
    )
    add_data(parser)
    parser.add_argument(
        "--camera",
        action="append",
        required=True,
        metavar="C",
        help="id of the camera; may be repeated for a ZIP",
    )
    parser.add_argument(
        "--from", dest="start", type=moment_argument, required=True, metavar="T", help="ISO 8601"
    )
    parser.add_argument("--to", dest="end", type=moment_argument, required=True, metavar="T", help="ISO 8601")
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE", help="film.mp4, or export.zip for a ZIP"
    )
    parser.add_argument(
        "--originals", action="store_true",
        help="ZIP only: whole files of the archive instead of cut films, so that `wachtel verify` can prove them",
    )  # fmt: skip
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Writes the file; a half-written one never has its name."""
    from wachtel.app.archive_reader import index_of
    from wachtel.pipeline.exports import Exporter

    zipped = options.output.suffix.lower() == ".zip"
    if not zipped and (len(options.camera) > 1 or options.originals):
        raise usage_error("Several cameras, and originals, go into a ZIP: name the file something.zip.")
    with index_of(options.data) as index:
        exporter = Exporter(index, options.data / "archive")
        if zipped:
            _write_zip(exporter, options)
        else:
            _write_films(exporter, options)
    return 0


def _write_zip(exporter: "Exporter", options: argparse.Namespace) -> None:
    from wachtel.pipeline.exports import Wish

    cameras = tuple(dict.fromkeys(options.camera))
    export = exporter.archive(Wish(cameras, options.start, options.end, options.originals), _tell_planning)
    _write(options.output, export.size_bytes, export.read())
    say(f"{options.output}: {len(export.names)} files, {export.size_bytes} bytes")


def _write_films(exporter: "Exporter", options: argparse.Namespace) -> None:
    films = exporter.films(options.camera[0], options.start, options.end, _tell_planning)
    for number, film in enumerate(films, 1):
        path = options.output if number == 1 else options.output.with_stem(f"{options.output.stem}-{number}")
        _write(path, film.size_bytes, film.read())
        _tell_film(path, film)
    if len(films) > 1:
        say(f"Codec or sound changed {len(films) - 1} times, so there are {len(films)} films.")


def _tell_film(path: Path, film: "Film") -> None:
    say(f"{path}: {iso(film.start)} to {iso(film.end)}, {film.size_bytes} bytes")
    for start, end in film.gaps:
        say(f"  nothing was recorded from {iso(start)} to {iso(end)}; in the film this is closed up")


def _write(path: Path, size_bytes: int, pieces: Iterable[bytes]) -> None:
    """Under another name until it is whole."""
    import os

    unfinished = path.with_name(path.name + ".part")
    progress = _Progress(size_bytes)
    try:
        with unfinished.open("wb") as file:
            for piece in pieces:
                file.write(piece)
                progress.add(len(piece))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as error:
        from wachtel.storage.files.disk import trouble

        unfinished.unlink(missing_ok=True)
        raise trouble(error, f"write {path}") from error


class _Progress:
    """A line on standard error that tells how far it is, on a terminal only."""

    def __init__(self, size_bytes: int) -> None:
        self._size = max(1, size_bytes)
        self._done = self._told = 0

    def add(self, size_bytes: int) -> None:
        self._done += size_bytes
        percent = self._done * 100 // self._size
        if percent != self._told and sys.stderr.isatty():
            self._told = percent
            end = "\n" if percent >= 100 else ""
            print(f"\r{percent} %", end=end, file=sys.stderr, flush=True)


def _tell_planning(done: int, of: int) -> None:
    if done and done % 500 == 0:
        say(f"{done} of {of} files looked at")
