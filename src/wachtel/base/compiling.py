"""Compiles what is written in C: run as a program, it does so unless what is there is newer. Uses nothing but Python
itself.

The C files of a part of Wachtel lie in a folder ``native`` and become one library there. Without a compiler there is
nothing to load, and Python does the work: slower, with the same answers.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

LIBRARY = "compiled.so"
FOLDERS = sorted({source.parent for source in Path(__file__).parents[1].rglob("native/*.c")})
OPTIONS = ["-O3", "-std=c11", "-fPIC", "-shared", "-fno-math-errno", "-fno-trapping-math"]
SAME_AS_NUMPY = ["-ffp-contract=off"]
"""No step that multiplies and adds in one: it rounds once where NumPy rounds twice."""


def compiler() -> str | None:
    """The C compiler of this machine."""
    return next((found for name in ("cc", "gcc", "clang") if (found := shutil.which(name))), None)


def compile_all() -> bool:
    """True when each library is there afterwards and not older than its sources."""
    old = [folder for folder in FOLDERS if not _is_fresh(folder)]
    command = compiler()
    if command is None:
        if old:
            _say("no C compiler found. On Debian: apt-get install gcc libc6-dev, then once more")
        return not old
    done = [_compile(command, folder) for folder in old]
    return all(done)


def _is_fresh(folder: Path) -> bool:
    library = folder / LIBRARY
    newest = max(path.stat().st_mtime for path in (*folder.glob("*.c"), *folder.glob("*.h")))
    return library.exists() and library.stat().st_mtime >= newest


def _compile(command: str, folder: Path) -> bool:
    library = folder / LIBRARY
    # A program that has the old one loaded must keep what it sees, so the new one takes its place in one step.
    fresh = library.with_suffix(f".{os.getpid()}")
    done = subprocess.run(
        [command, *OPTIONS, *SAME_AS_NUMPY, "-o", fresh, *sorted(folder.glob("*.c")), "-lm"],
        capture_output=True,
        text=True,
    )
    if done.returncode:
        fresh.unlink(missing_ok=True)
        _say(done.stderr.strip())
        return False
    fresh.replace(library)
    return True


def _say(why: str) -> None:
    print(f"A part of Wachtel is not compiled, and Python does its work more slowly: {why}", file=sys.stderr)


if __name__ == "__main__":
    compile_all()
