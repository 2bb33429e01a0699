"""The code that plays live pictures stays small: it is on every page that shows a camera."""

import gzip
import shutil
import subprocess
from pathlib import Path

import pytest

UI = Path(__file__).parents[3] / "ui"
ROLLDOWN = UI / "node_modules/.bin/rolldown"
LARGEST_BYTES = 8 * 1024


@pytest.mark.skipif(
    not ROLLDOWN.exists() or shutil.which("node") is None, reason="needs node and ui/node_modules (npm ci)"
)
@pytest.mark.parametrize("player", ["live_player", "recording_player"])
def test_a_player_has_at_most_8_kib(player: str, tmp_path: Path) -> None:
    """With all of its own modules, minified and compressed as the server sends it."""
    made = tmp_path / "player.js"
    command = [str(ROLLDOWN), f"src/player/{player}.ts", "--minify", "--file", str(made)]
    subprocess.run(command, cwd=UI, check=True, capture_output=True, timeout=60)
    assert 1024 < len(gzip.compress(made.read_bytes())) <= LARGEST_BYTES
