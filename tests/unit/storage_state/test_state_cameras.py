"""Cameras and places in state.sqlite; credentials sealed."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.camera import Camera, MotionSettings, RecordedStreams, RecordingMode, Site, Transport
from wachtel.model.zone import Zone, ZoneKind
from wachtel.storage.state import State, open_state
from wachtel.storage.state.sealing import Sealer, open_sealer

FLUR = Camera(
    id="flur",
    site="home",
    name="Flur <b>",
    main_url="rtsp://anna:canary-1@192.168.1.20:554/stream1",
    sub_url="rtsp://192.168.1.20:554/sub?user=x&password=canary-2",
    mode=RecordingMode.EVENTS,
    record=RecordedStreams.BOTH,
    record_audio=True,
    transport=Transport.UDP,
    allow_local=True,
    pre_roll_s=9.5,
    post_roll_s=1.0,
    gap_limit_s=45.0,
    motion=MotionSettings(False, 77, (Zone("Tür", ((0, 0), (1, 0.5), (0.25, 1)), ZoneKind.MASK),)),
)


def test_the_first_site_is_there(state: State) -> None:
    assert state.sites.all() == [Site("home", "Zuhause", "Europe/Berlin")]


def test_a_camera_comes_back_as_it_was(state: State, data: Path) -> None:
    state.cameras.add(FLUR)
    assert state.cameras.all() == [FLUR]
    state.close()
    again = open_state(data)
    assert again.cameras.get("flur") == FLUR
    assert again.cameras.without_password() == frozenset()
    again.close()


def test_every_field_can_be_changed(state: State) -> None:
    state.cameras.add(FLUR)
    other = replace(Camera("flur", "home", "Neu", "rtsp://10.0.0.1:554/"), motion=MotionSettings())
    state.cameras.change(other)
    assert state.cameras.get("flur") == other


def test_credentials_are_not_in_the_files(state: State, data: Path) -> None:
    state.cameras.add(FLUR)
    stored = b"".join(path.read_bytes() for path in data.rglob("*") if path.is_file())
    assert b"canary" not in stored
    assert b"anna" not in stored


def test_files_are_for_their_owner_only(state: State, data: Path) -> None:
    modes = {
        path.name: path.stat().st_mode & 0o777 for path in (data / "state.sqlite", data / "keys/state.key")
    }
    assert modes == {"state.sqlite": 0o600, "state.key": 0o600}
    assert (data / "keys").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("damage", ["missing", "other", "empty", "folder"])
def test_without_the_key_cameras_go_on_without_password(state: State, data: Path, damage: str) -> None:
    state.cameras.add(FLUR)
    state.cameras.add(Camera("tor", "home", "Tor", "rtsp://10.0.0.7:554/a"))
    state.close()
    key = data / "keys/state.key"
    key.unlink()
    if damage == "other":
        key.write_text("x" * 40)
    elif damage == "empty":
        key.write_text("")
    elif damage == "folder":
        key.mkdir()
    again = open_state(data)
    camera = again.cameras.get("flur")
    assert camera is not None
    assert camera.main_url == "rtsp://192.168.1.20:554/stream1"
    assert camera.sub_url == "rtsp://192.168.1.20:554/sub?user=x&password=***"
    assert replace(camera, main_url="", sub_url="") == replace(FLUR, main_url="", sub_url="")
    assert again.cameras.without_password() == {"flur"}
    again.close()


def test_a_key_that_comes_back_brings_the_passwords_back(state: State, data: Path) -> None:
    state.cameras.add(FLUR)
    state.close()
    key = data / "keys/state.key"
    stored = key.read_bytes()
    key.write_text("another key, from another box")
    again = open_state(data)
    camera = again.cameras.get("flur")
    assert camera is not None
    again.cameras.change(replace(camera, name="Neu"))
    again.close()
    key.write_bytes(stored)
    again = open_state(data)
    assert again.cameras.get("flur") == replace(FLUR, name="Neu")
    again.cameras.change(replace(FLUR, main_url="rtsp://192.168.1.20:554/stream1"))
    camera = again.cameras.get("flur")
    assert camera is not None
    assert camera.main_url == "rtsp://192.168.1.20:554/stream1"
    again.close()


def test_the_key_may_lie_elsewhere(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stick = tmp_path / "stick.key"
    stick.write_text("0123456789abcdef-any-random-text\n")
    monkeypatch.setenv("WACHTEL_KEY_FILE", str(stick))
    state = open_state(data)
    state.cameras.add(FLUR)
    assert not (data / "keys/state.key").exists()
    assert state.cameras.get("flur") == FLUR
    state.close()
    stick.unlink()
    state = open_state(data)
    assert state.cameras.without_password() == {"flur"}
    assert not stick.exists()
    with pytest.raises(WachtelError) as caught:
        state.cameras.add(replace(FLUR, id="neu"))
    assert "canary" not in str(caught.value)
    state.cameras.add(Camera("offen", "home", "Offen", "rtsp://10.0.0.7:554/a"))
    state.close()


def test_ids_of_other_sites_footage_stay_taken(state: State) -> None:
    state.sites.add(Site("office", "Büro", "UTC"))
    state.cameras.add(FLUR)
    state.cameras.remove("flur")
    assert state.cameras.ids_taken("home") == frozenset()
    assert state.cameras.ids_taken("office") == {"flur"}
    state.cameras.add(FLUR)
    assert state.cameras.ids_taken("home") == {"flur"}


def test_what_is_not_there(state: State) -> None:
    assert state.cameras.get("x") is None
    assert state.sites.get("x") is None
    calls: list[Callable[[], None]] = [
        lambda: state.cameras.change(FLUR),
        lambda: state.cameras.remove("flur"),
        lambda: state.cameras.add(replace(FLUR, site="moon")),
        lambda: state.sites.change(Site("x", "x", "UTC")),
    ]
    for call in calls:
        with pytest.raises(WachtelError) as caught:
            call()
        assert caught.value.kind is ErrorKind.NOT_FOUND


def test_ids_are_unique(state: State) -> None:
    state.cameras.add(FLUR)
    calls: list[Callable[[], None]] = [
        lambda: state.cameras.add(FLUR),
        lambda: state.sites.add(Site("home", "x", "UTC")),
    ]
    for call in calls:
        with pytest.raises(WachtelError) as caught:
            call()
        assert caught.value.kind is ErrorKind.CONFLICT


def test_what_is_sealed_opens_only_in_its_place(tmp_path: Path) -> None:
    sealer = open_sealer(tmp_path / "keys")
    sealed = sealer.seal("geheim", "camera/a/main")
    assert sealer.open(sealed, "camera/a/main") == "geheim"
    assert sealer.open(sealed, "camera/b/main") is None
    assert open_sealer(tmp_path / "keys").open(sealed, "camera/a/main") == "geheim"
    assert sealer.seal("geheim", "camera/a/main") != sealed


@given(st.binary(max_size=80))
def test_garbage_never_opens(garbage: bytes) -> None:
    assert Sealer(b"k" * 32).open(garbage, "camera/a/main") is None
    assert Sealer(None).open(garbage, "camera/a/main") is None
