"""A fresh data folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from wachtel.storage.state import State, open_state


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("WACHTEL_KEY_FILE", raising=False)
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.setenv("TZ", "Europe/Berlin")
    return tmp_path / "data"


@pytest.fixture
def state(data: Path) -> Iterator[State]:
    opened = open_state(data)
    yield opened
    opened.close()
