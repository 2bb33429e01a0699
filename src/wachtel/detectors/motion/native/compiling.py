"""Compiles the C files beside it: run as a program, it does so unless what is there is newer. Uses nothing but Python.

Without a compiler there is nothing to load, and the motion engine uses NumPy: slower, with the same answers.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
LIBRARY = HERE / "passes.so"
OPTIONS = ["-O3", "-std=c11", "-fPIC", "-shared", "-fno-math-errno", "-fno-trapping-math"]
SAME_AS_NUMPY = ["-ffp-contract=off"]
"""No step that multiplies and adds in one: it rounds once where NumPy rounds twice."""


def compiler() -> str | None:
    """The C compiler of this machine."""
    return next((found for name in ("cc", "gcc", "clang") if (found := shutil.which(name))), None)


def compile_passes() -> bool:
    """True when ``passes.so`` is there afterwards and not older than its sources."""
    sources = sorted(HERE.glob("*.c"))
    newest = max(path.stat().st_mtime for path in (*sources, *HERE.glob("*.h")))
    if LIBRARY.exists() and LIBRARY.stat().st_mtime >= newest:
        return True
    command = compiler()
    if command is None:
        _say("no C compiler found. On Debian: apt-get install gcc libc6-dev, then once more")
        return False
    # A program that has the old one loaded must keep what it sees, so the new one takes its place in one step.
    fresh = LIBRARY.with_suffix(f".{os.getpid()}")
    done = subprocess.run(
        [command, *OPTIONS, *SAME_AS_NUMPY, "-o", fresh, *sources, "-lm"], capture_output=True, text=True
    )
    if done.returncode:
        fresh.unlink(missing_ok=True)
        _say(done.stderr.strip())
        return False
    fresh.replace(LIBRARY)
    return True


def _say(why: str) -> None:
    print(f"The motion engine is not compiled and uses NumPy, which is slower: {why}", file=sys.stderr)


if __name__ == "__main__":
    compile_passes()
