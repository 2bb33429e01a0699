"""The page that leads a device to trust the local authority, and when browsers are told to insist on TLS."""

import hashlib
import plistlib
import ssl
from datetime import UTC, datetime

import pytest
from conftest import ORIGIN, House
from cryptography.hazmat.primitives.serialization import Encoding
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp
from web_client import AppClient
from web_fakes import ports_of

from wachtel.app.tls.authority import Authority, fingerprint
from wachtel.app.tls.names import Names
from wachtel.base.clock import SystemClock
from wachtel.web.app import create_app
from wachtel.web.headers import SecurityHeaders
from wachtel.web.settings import LocalAuthority, WebSettings

MADE = Authority.make(Names.typed(["wachtel.lan"], []), SystemClock().wall_us()).certificate
DER = MADE.public_bytes(Encoding.DER)
LOCAL = LocalAuthority(DER, "Wachtel <b>lan</b>", datetime(2036, 11, 21, tzinfo=UTC))


def visitor(house: House, authority: LocalAuthority | None = LOCAL) -> AppClient:
    """Somebody who is not logged in."""
    app = create_app(
        house.state, ports_of(house.engine, house.clock), WebSettings(authority=lambda: authority)
    )
    return AppClient(app, house.runner.run, ORIGIN)


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_page_shows_the_fingerprint_and_every_system(house: House, language: str) -> None:
    text = visitor(house).get("/ca", params={"lang": language}).text
    assert f'<html lang="{language}">' in text
    assert fingerprint(MADE) in text and "2036-11-21" in text
    assert "[[" not in text and "<b>" not in text
    assert all(system in text for system in ("Android", "iPhone", "Windows", "Mac", "Linux", "Firefox"))
    assert "<script" not in text and "style=" not in text


def test_its_language_and_open_step_are_the_visitors(house: House) -> None:
    headers = {"accept-language": "de-AT,de;q=0.9", "user-agent": "Mozilla/5.0 (Linux; Android 14; Pixel 8)"}
    text = visitor(house).get("/ca", headers=headers).text
    assert '<html lang="de">' in text
    assert text.count("<details open>") == 1 and "<details open><summary>Android" in text
    assert '<html lang="en">' in visitor(house).get("/ca", headers={"accept-language": "fr"}).text


def test_the_files_are_the_authority_and_nothing_else(house: House) -> None:
    client = visitor(house)
    der = client.get("/ca/ca.crt")
    assert der.content == DER and der.headers["content-type"] == "application/x-x509-ca-cert"
    assert hashlib.sha256(der.content).digest().hex(":").upper() == fingerprint(MADE)
    assert ssl.PEM_cert_to_DER_cert(client.get("/ca/ca.pem").text) == DER
    profile = plistlib.loads(client.get("/ca/wachtel.mobileconfig").content)
    assert [one["PayloadType"] for one in profile["PayloadContent"]] == ["com.apple.security.root"]
    assert profile["PayloadContent"][0]["PayloadContent"] == DER
    assert client.get("/ca/wachtel.mobileconfig").content == client.get("/ca/wachtel.mobileconfig").content
    assert b"PRIVATE" not in der.content


@pytest.mark.parametrize("path", ["/ca", "/ca/ca.crt", "/ca/ca.pem", "/ca/wachtel.mobileconfig"])
def test_without_an_authority_there_is_nothing(house: House, path: str) -> None:
    assert visitor(house, None).get(path).status_code == 404


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://Cam.Example.org:8443", True),
        ("https://cam.example.org", True),
        ("http://cam.example.org", False),
        ("https://192.168.1.5", False),
        ("https://wachtel.lan", False),
    ],
)
def test_browsers_are_told_to_insist_on_tls_for_the_public_name_alone(
    house: House, url: str, told: bool
) -> None:
    async def hello(_: object) -> Response:
        return Response("hello")

    app: ASGIApp = SecurityHeaders(Starlette(routes=[Route("/", hello)]), frozenset({"cam.example.org"}))
    answer = AppClient(app, house.runner.run, url).get("/")
    assert ("strict-transport-security" in answer.headers) is told
