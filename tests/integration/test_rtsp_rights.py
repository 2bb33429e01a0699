"""What main tells the gateway of a token: deny by default, and sites are kept apart."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from wachtel.accounts.tokens import AccessTokens
from wachtel.app.rtsp_out import RtspOut
from wachtel.base.clock import SystemClock
from wachtel.model.access import Scope
from wachtel.model.camera import Camera, Site
from wachtel.pipeline.engine import Engine
from wachtel.pipeline.gateway.messages import AskToken, TokenAnswer
from wachtel.storage.state import State, open_state

CLOCK = SystemClock()


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[State]:
    monkeypatch.delenv("WACHTEL_KEY_FILE", raising=False)
    opened = open_state(tmp_path / "data")
    opened.sites.add(Site("caravan", "Caravan", "UTC"))
    home = opened.sites.all()[0].id
    opened.cameras.add(Camera("hall", home, "Hall", "rtsp://192.168.1.2/1"))
    opened.cameras.add(Camera("tent", "caravan", "Tent", "rtsp://192.168.1.3/1"))
    yield opened
    opened.close()


def answers(state: State, *questions: AskToken) -> list[TokenAnswer]:
    """What main answers the gateway."""

    async def ask() -> list[TokenAnswer]:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            engine: Any = SimpleNamespace()
            out = RtspOut(state, cast(Engine, engine), listener, CLOCK)
            return [await out.desk._answer(question) for question in questions]

    return asyncio.run(ask())


def test_a_name_nobody_has_is_nothing(state: State) -> None:
    assert answers(state, AskToken(7, "nobody", "hall")) == [TokenAnswer(7)]


def test_a_token_sees_the_cameras_of_its_sites_and_no_others(state: State) -> None:
    tokens = AccessTokens(state, CLOCK)
    tokens.issue("all", Scope.VIEW)
    tokens.issue("camper", Scope.VIEW, frozenset({"caravan"}))
    tokens.issue("nowhere", Scope.ADMIN, frozenset())
    names, cameras = ("all", "camper", "nowhere"), ("hall", "tent", "gone")
    asked = [AskToken(1, name, camera) for name in names for camera in cameras]
    allowed = [answer.may_view for answer in answers(state, *asked)]
    assert allowed == [True, True, False, False, True, False, False, False, False]


def test_a_removed_token_and_one_made_anew_are_told_apart(state: State) -> None:
    tokens = AccessTokens(state, CLOCK)
    first = tokens.issue("vlc", Scope.VIEW)
    state.tokens.remove(first.token.id)
    assert answers(state, AskToken(1, "vlc", "hall"))[0].id == ""
    second = tokens.issue("vlc", Scope.VIEW)
    assert answers(state, AskToken(1, "VLC", "hall"))[0].id == second.token.id != first.token.id


def test_what_nobody_has_changed_is_not_looked_up_again(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    look_up = RtspOut._look_up

    def counted(out: RtspOut, question: AskToken) -> TokenAnswer:
        looked.append(question.name)
        return look_up(out, question)

    monkeypatch.setattr(RtspOut, "_look_up", counted)
    token = AccessTokens(state, CLOCK).issue("vlc", Scope.VIEW).token

    async def ask() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            out = RtspOut(state, cast(Engine, SimpleNamespace()), listener, CLOCK)
            first, again = [await out.desk._answer(AskToken(n, "vlc", "hall")) for n in (1, 2)]
            assert (first.id, first.may_view, first.ticket) == (token.id, True, 1)
            assert (again.id, again.may_view, again.ticket) == (token.id, True, 2)
            assert looked == ["vlc"]
            state.tokens.remove(token.id)
            assert (await out.desk._answer(AskToken(3, "vlc", "hall"))).id == ""
            await out.desk._answer(AskToken(4, "vlc", "hall"))
            assert looked == ["vlc"] * 3, "of names that nobody has nothing is kept"

    asyncio.run(ask())
