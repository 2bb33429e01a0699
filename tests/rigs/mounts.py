"""Small file systems of a test's own, mounted where it likes and unmounted at its end."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def may_mount(folder: Path) -> bool:
    """True for root on a Linux that lets it mount: not so in many containers."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        return False
    place = folder / "may-mount"
    place.mkdir(exist_ok=True)
    if _run("mount", "-t", "tmpfs", "none", str(place)):
        return False
    return not _run("umount", str(place))


@contextmanager
def small_disk(place: Path, size_mb: int) -> Iterator[Path]:
    """A disk in memory, mounted at ``place`` until the block ends."""
    place.mkdir(parents=True, exist_ok=True)
    mount("-t", "tmpfs", "-o", f"size={size_mb}m", "none", str(place))
    try:
        yield place
    finally:
        unmount(place)


def bind(source: Path, place: Path) -> None:
    """Mounts a folder at another place as if it were a disk."""
    mount("--bind", str(source), str(place))


def make_read_only(place: Path, *, read_only: bool = True) -> None:
    """As the system does with a disk that fails."""
    mount("-o", f"remount,bind,{'ro' if read_only else 'rw'}", str(place))


def unmount(place: Path) -> None:
    """Lets go of it even while files on it are open, as a pulled plug does."""
    assert not _run("umount", "-l", str(place)), f"{place} could not be unmounted"


def mount(*arguments: str) -> None:
    """Raises `AssertionError` when the system does not take it."""
    assert not _run("mount", *arguments), f"could not mount: {arguments}"


def _run(*command: str) -> int:
    return subprocess.run(command, capture_output=True, timeout=30).returncode
