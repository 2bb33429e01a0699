"""Where the demo's scene is kept once it is drawn."""

import os
from pathlib import Path


def scene_folder() -> Path:
    """``~/.cache/wachtel/scene``, or below ``XDG_CACHE_HOME``."""
    home = os.environ.get("XDG_CACHE_HOME")
    folder = (Path(home) if home else Path.home() / ".cache") / "wachtel/scene"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
