"""FFmpeg and GStreamer play whatever lies in the archive or is cut out of it, as it is, without a complaint."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from player_films import Film, make_films


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Film]:
    return make_films(tmp_path_factory.mktemp("films"))


def plays_in_gstreamer(film: Path, *, has_sound: bool) -> str:
    """What GStreamer complains about; "" when it comes to the end without a word."""
    sinks = ["d.", "!", "fakesink"] * (1 + has_sound)
    command = ["gst-launch-1.0", "filesrc", f"location={film}", "!", "decodebin", "name=d", *sinks]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    said = done.stdout + done.stderr
    complaints = [line for line in said.splitlines() if re.search("ERROR|WARNING|CRITICAL", line)]
    if done.returncode or "Got EOS" not in said:
        complaints.append(said)
    return "\n".join(complaints)


def can_decode(*plugins: str) -> bool:
    """True where GStreamer is there with these plugins."""
    inspect = shutil.which("gst-inspect-1.0")
    return inspect is not None and all(
        subprocess.run([inspect, plugin], capture_output=True).returncode == 0 for plugin in plugins
    )


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg")
def test_ffmpeg_shows_every_picture(films: dict[str, Film]) -> None:
    for name, film in films.items():
        command = [
            "ffmpeg",
            "-v",
            "error",
            "-xerror",
            "-i",
            str(film.path),
            "-f",
            "null",
            "-progress",
            "-",
            "-",
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stderr) == (0, ""), name
        assert re.findall(r"frame=(\d+)", done.stdout)[-1] == str(film.pictures), name


@pytest.mark.skipif(
    not can_decode("qtdemux", "decodebin", "avdec_h264"), reason="needs GStreamer: see scripts/test"
)
def test_gstreamer_plays_to_the_end(films: dict[str, Film]) -> None:
    for name, film in films.items():
        assert plays_in_gstreamer(film.path, has_sound=film.has_sound) == "", name
