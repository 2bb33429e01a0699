"""That a certificate ends soon is told thirty days before, to those who can do something about it."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import ORIGIN
from web_client import AppClient
from web_fakes import START, FakeEngine, HandClock, ports_of

from wachtel.accounts.tokens import AccessTokens
from wachtel.model.access import Scope
from wachtel.storage.state import State
from wachtel.web.answers import EPOCH
from wachtel.web.app import create_app
from wachtel.web.settings import CertificateEnd, WebSettings

IN_FORTY_DAYS = EPOCH + timedelta(microseconds=START, days=40)


@pytest.mark.parametrize(("days", "soon"), [(0, False), (9, False), (10, True), (41, True)])
def test_thirty_days_before_it_is_soon(state: State, tmp_path: Path, days: int, soon: bool) -> None:
    clock = HandClock()
    ends = (CertificateEnd("server", True, IN_FORTY_DAYS),)
    settings = WebSettings(page=tmp_path, certificates=lambda: ends)
    app = create_app(state, ports_of(FakeEngine(), clock), settings)
    tokens = AccessTokens(state, clock)
    with asyncio.Runner() as runner:

        def ask(scope: Scope) -> AppClient:
            token = tokens.issue(scope, scope, None).secret
            return AppClient(app, runner.run, ORIGIN, {"authorization": f"Bearer {token}"}, "192.168.1.50")

        admin, viewer = ask(Scope.ADMIN), ask(Scope.VIEW)
        clock.advance(days * 86_400.0)
        (told,) = admin.get("/api/v1/server-certificates").json()
        assert (told["kind"], told["owned"], told["soon"]) == ("server", True, soon)
        assert viewer.get("/api/v1/server-certificates").status_code == 403
