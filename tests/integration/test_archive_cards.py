"""What lies beside the footage, and that live rows and rebuilt rows agree while a server records."""

import json
from collections.abc import Iterator

import pytest
from crash_rig import index_rows
from running_server import RunningServer, wachtel, wait_until

from wachtel.app.scene_folder import scene_folder
from wachtel.testing.fake_camera.options import FakeCameraOptions
from wachtel.testing.fake_camera.threaded import ThreadedFakeCamera
from wachtel.testing.scene.render import render_scene


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    main, sub = render_scene(scene_folder())
    data = tmp_path_factory.mktemp("archive") / "data"
    with ThreadedFakeCamera(main, sub, FakeCameraOptions(loop=True)) as camera:
        sub_url = ("--sub", camera.sub_url) if camera.sub_url else ()
        wachtel("camera", "add", camera.main_url, *sub_url, "--name", "Garden", "--data", data)
        with RunningServer(data) as running:
            yield running


def camera_json(server: RunningServer) -> dict[str, object]:
    (path,) = (server.data / "archive").glob("*/garden/camera.json")
    found: dict[str, object] = json.loads(path.read_text())
    return found


def rows(server: RunningServer) -> dict[str, list[tuple[object, ...]]]:
    return index_rows(server.data / "index.sqlite")


def test_a_person_finds_names_beside_the_footage(server: RunningServer) -> None:
    def both_streams_seen() -> bool:
        return bool(list((server.data / "archive").glob("*/garden/camera.json"))) and camera_json(server)[
            "streams"
        ].keys() == {"main", "sub"}  # type: ignore[attr-defined]

    wait_until(both_streams_seen, 20.0, "camera.json names both streams")
    assert camera_json(server)["name"] == "Garden"
    with server.client() as client:
        site = client.get("/api/v1/sites").json()[0]
        path = server.data / "archive" / site["id"] / "site.json"
        assert json.loads(path.read_text())["time_zone"] == site["time_zone"]
        client.patch(f"/api/v1/sites/{site['id']}", json={"name": "Hütte"}).raise_for_status()
        assert json.loads(path.read_text())["name"] == "Hütte"
        client.patch("/api/v1/cameras/garden", json={"name": "Beet"}).raise_for_status()
    wait_until(lambda: camera_json(server)["name"] == "Beet", 10.0, "the new name is in camera.json")
    assert camera_json(server)["streams"]


def test_a_rebuild_beside_the_recorder_gives_the_same_rows(server: RunningServer) -> None:
    """A change of settings closes the file, so there are finished segments without waiting for a minute; one that comes
    while no file is open yet closes nothing, and the next file is closed by the minute.
    """
    for number in range(3):
        files = len(rows(server)["segment"])
        with server.client() as client:
            body = {"post_roll_s": 5 + number}
            client.patch("/api/v1/cameras/garden", json=body).raise_for_status()
        wait_until(lambda files=files: len(rows(server)["segment"]) > files, 90.0, "a file was closed")  # type: ignore[misc]
    live = rows(server)
    assert len(live["segment"]) >= 3
    with server.client() as client:
        told = client.post("/api/v1/archive/rebuild", timeout=60.0).json()
    assert told["segments"] >= len(live["segment"])
    rebuilt = rows(server)
    for table in ("segment", "gap"):
        assert set(live[table]) <= set(rebuilt[table]), table
    ended = [row for row in live["event"] if row[5] is not None]
    assert set(ended) <= set(rebuilt["event"])


def test_after_a_good_stop_nothing_differs(server: RunningServer) -> None:
    server.stop()
    before = rows(server)
    assert len(before["segment"]) >= 3
    wachtel("rebuild", "--data", server.data)
    assert rows(server) == before
    assert wachtel("check", "--deep", "--data", server.data).returncode == 0
