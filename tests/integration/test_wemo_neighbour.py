"""pywemo finds a Wachtel camera by SSDP, subscribes, hears motion on and off, and survives our restart."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

RIG = Path(__file__).parents[1] / "rigs/wemo_neighbour.py"
ADDRESS = "10.99.0.1"
NETWORK = f"""
ip link set lo up
ip link set lo multicast on
ip addr add {ADDRESS}/24 dev lo
ip route add 224.0.0.0/4 dev lo
exec "$@"
"""
"""One wire without anybody else on it."""


def in_a_network_of_its_own(*command: str) -> list[str]:
    return ["unshare", "--user", "--map-root-user", "--net", "sh", "-ec", NETWORK, "sh", *command]


def namespaces_work() -> bool:
    if shutil.which("unshare") is None or shutil.which("ip") is None:
        return False
    return subprocess.run(in_a_network_of_its_own("true"), capture_output=True, timeout=30).returncode == 0


@pytest.mark.skipif(not namespaces_work(), reason="needs network namespaces: unshare --user --net, and ip")
def test_a_neighbour_finds_hears_and_keeps_the_camera(tmp_path: Path) -> None:
    command = in_a_network_of_its_own(sys.executable, str(RIG), str(tmp_path / "data"), ADDRESS)
    (tmp_path / "data").mkdir()
    done = subprocess.run(command, capture_output=True, text=True, timeout=110)
    assert done.returncode == 0, done.stderr[-3000:]
    said = json.loads(done.stdout.splitlines()[-1])
    found = said["found"]
    assert found["name"] == "Küche, Flur & Garten hinter d" and len(found["name"].encode()) <= 30
    assert found["model"] == "Wachtel" and len(found["serial"]) == 14
    assert found["url"] == f"http://{ADDRESS}:49153/setup.xml"
    assert said["heard"] == ["0", "1", "0"] and said["on"] == 1
    assert said["same_place"] and said["anew"]
