"""`wachtel drill` on a fresh demo, and on installs that somebody sabotaged: it must name the promise."""

import json
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from archive_house import tree
from running_server import WACHTEL, wachtel

from wachtel.app.drill.network import isolating_command

TATTLER = """
import socket, subprocess, sys
try:
    socket.create_connection(("198.51.100.7", 443), 2).close()
except OSError:
    pass
send = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'hello', ('198.51.100.8', 53))"
subprocess.run([sys.executable, "-S", "-c", send], stderr=subprocess.DEVNULL)
driver = object()
"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo that ran for some seconds, longer on a machine that is too busy to record in them."""
    data = tmp_path_factory.mktemp("drill") / "data"
    for seconds in ("4", "12", "40"):
        wachtel("demo", "--data", data, "--port", "0", "--seconds", seconds, check=False)
        if list(data.glob("archive/*/*/main/*/*.mp4")):
            return data
    raise AssertionError("the demo recorded nothing")


def drill(data: Path, *options: str, plugins: Path | None = None) -> tuple[int, dict[int, dict[str, Any]]]:
    """The exit code, and what came out by promise."""
    environment = os.environ | ({"PYTHONPATH": str(plugins)} if plugins else {})
    command = [*WACHTEL, "drill", "--data", str(data), "--json", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, env=environment)
    assert done.stdout, done.stderr
    return done.returncode, {each["promise"]: each for each in json.loads(done.stdout)}


def failed(found: dict[int, dict[str, Any]]) -> set[int]:
    return {number for number, each in found.items() if each["verdict"] == "fail"}


def test_a_fresh_demo_keeps_its_promises_and_its_footage_is_not_touched(demo: Path) -> None:
    before = tree(demo / "archive")
    code, found = drill(demo)
    assert (code, failed(found)) == (0, set()), found
    passed = {number for number, each in found.items() if each["verdict"] == "pass"}
    assert passed == {1, 2, 3, 4, 5, 8, 10} and len(found) == 11
    assert tree(demo / "archive") == before


def test_a_driver_that_calls_home_is_found_and_named(demo: Path, tmp_path: Path) -> None:
    (tmp_path / "tattler.py").write_text(TATTLER)
    info = tmp_path / "tattler-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tattler\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[wachtel.notifiers]\ntattler = tattler:driver\n")
    code, found = drill(demo, "--only", "internet", plugins=tmp_path)
    assert (code, failed(found)) == (1, {2}), found
    said = found[2]["done"]["en"]
    assert "198.51.100.7 by tattler.py" in said
    if isolating_command() is not None:
        assert " 0 packets" not in said, "the kernel saw the one that Python did not"


def test_an_index_that_cannot_be_rebuilt_is_found(demo: Path, tmp_path: Path) -> None:
    data = Path(shutil.copytree(demo, tmp_path / "data", ignore=shutil.ignore_patterns("run")))
    for journal in data.glob("archive/*/*/journal/*.jsonl"):
        journal.unlink()
    code, found = drill(data, "--only", "index")
    assert (code, failed(found)) == (1, {4}), found


@pytest.mark.parametrize("table", ["subscription_change", "sunset_notice"])
def test_a_plan_that_stops_recording_is_found(demo: Path, tmp_path: Path, table: str) -> None:
    data = Path(shutil.copytree(demo, tmp_path / "data", ignore=shutil.ignore_patterns("run")))
    with closing(sqlite3.connect(data / "state.sqlite")) as connection, connection:
        connection.execute(
            f"CREATE TRIGGER leash AFTER INSERT ON {table} BEGIN UPDATE camera SET mode = 'off'; END"
        )
    code, found = drill(data, "--only", "vendor")
    assert (code, failed(found)) == (1, {3}), found


def test_where_there_is_nothing_it_says_so(tmp_path: Path) -> None:
    done = wachtel("drill", "--data", tmp_path / "nothing", check=False)
    assert done.returncode == 1 and "There is no Wachtel in" in done.stderr
