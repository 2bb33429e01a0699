"""What NetCams and UPnP devices say, read from hostile bytes too."""

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.protocols.netcam import Network, Verdict, join_form, read_networks, read_values, read_verdict
from wachtel.protocols.upnp import granted_s, read_binary_state, read_description
from wachtel.testing.netcam.description import property_set, setup_xml
from wachtel.testing.netcam.options import NetCamOptions


def test_the_real_description_is_read() -> None:
    """Fields of a real setup.xml: homebridge-platform-wemo issue 58."""
    found = read_description(setup_xml(NetCamOptions(friendly_name="Küche <&> Flur"), 1).encode())
    assert found is not None
    assert (found.device_type, found.model) == ("urn:Belkin:device:NetCamSensor:1", "NetCamHDv1")
    assert (found.name, found.make) == ("Küche <&> Flur", "Belkin International Inc.")
    assert (found.udn, found.event_path) == (
        "uuid:NetCamSensor-1_0-221324K1300000",
        "/upnp/event/basicevent1",
    )


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("http://192.0.2.66/steal", "/steal"),
        ("//192.0.2.66/x", "/x"),
        ("evil path", ""),
        ("upnp/e", "/upnp/e"),
        ("http://[", ""),
    ],
)
def test_events_are_subscribed_at_the_device_itself(url: str, path: str) -> None:
    text = setup_xml(NetCamOptions(), 0).replace("/upnp/event/basicevent1", url)
    found = read_description(text.encode())
    assert found is not None
    assert found.event_path == path


@pytest.mark.parametrize(
    ("body", "state"),
    [
        (property_set(1), True),
        (property_set(0), False),
        ("<propertyset><property><BinaryState>8|1|2</BinaryState></property></propertyset>", True),
        ("<propertyset><property><BinaryState>Error</BinaryState></property></propertyset>", None),
        ("<propertyset><property><FriendlyName>1</FriendlyName></property></propertyset>", None),
        ("no xml", None),
        ('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x><BinaryState>1</BinaryState></x>', None),
    ],
)
def test_event_messages(body: str, state: bool | None) -> None:
    assert read_binary_state(body.encode()) is state


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("Second-300", 300),
        ("second-1801", 300),
        ("Second-0", 1),
        ("infinite", 300),
        (None, 300),
        ("Second-60", 60),
    ],
)
def test_how_long_a_subscription_lasts(header: str | None, seconds: int) -> None:
    assert granted_s(header, 300) == seconds


def test_networks_in_every_form() -> None:
    assert read_networks("ssid:a:b\rbssid:x\rchannel:6\r\rssid:c\rsignal:999\r") == [
        Network("c", signal=100),
        Network("a:b", "x", 6),
    ]
    table = "Ch  SSID   BSSID   Security  Siganl(%)\n6   my home  02:00:00:00:00:01   WPA1PSKWPA2PSK/TKIPAES 70 11b/g/n"
    assert read_networks(table) == [Network("my home", "02:00:00:00:00:01", 6, "WPA1PSKWPA2PSK/TKIPAES", 70)]
    assert read_networks("<html>404</html>") == []


def test_the_form_carries_any_passphrase() -> None:
    network = Network("Küche & Flur", "02:00:00:00:00:01", 6, "WPA1PSKWPA2PSK/TKIPAES")
    form = dict(parse_qsl(join_form(network, "@:/?#%&ü=+ ").decode()))
    assert form["apcli_wpapsk"] == "@:/?#%&ü=+ "
    assert (form["apcli_ssid"], form["apcli_mode"], form["apcli_enc"]) == ("Küche & Flur", "WPA2PSK", "AES")
    assert "apcli_wpapsk" not in join_form(Network("open"), "secret").decode()


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("result:OK\r", Verdict.JOINED),
        ("result:FAIL", Verdict.REFUSED),
        ("1", Verdict.JOINED),
        ("wrong_password", Verdict.REFUSED),
        ("", Verdict.UNKNOWN),
        ("<html>please wait</html>", Verdict.UNKNOWN),
    ],
)
def test_verdicts(text: str, verdict: Verdict) -> None:
    assert read_verdict(text) is verdict


@given(st.text())
def test_any_text_at_all(text: str) -> None:
    read_values(text)
    read_verdict(text)
    for network in read_networks(text):
        assert 0 < len(network.ssid) <= 32
        assert network.ssid.isprintable()


@given(st.binary())
def test_any_bytes_at_all(data: bytes) -> None:
    read_binary_state(data)
    try:
        read_description(data)
    except WachtelError as error:
        assert error.kind is ErrorKind.BAD_DATA


@pytest.mark.parametrize("piece", ["\n", "1 ", " ", "ssid:\r", "02:00:00:00:00:01 "])
def test_a_list_without_an_end_takes_no_time(piece: str) -> None:
    """Found by fuzzing: some of these took minutes."""
    assert len(read_networks("1 " + piece * 40_000)) <= 100
    assert len(read_networks(piece * 40_000)) <= 100


def test_a_network_that_is_called_like_a_hardware_address() -> None:
    row = "6   02:00:00:00:00:09                02:00:00:00:00:01   WPA2PSK/AES            84       11b/g/n NONE   In"
    assert [(one.ssid, one.bssid, one.signal) for one in read_networks(row)] == [
        ("02:00:00:00:00:09", "02:00:00:00:00:01", 84)
    ]
