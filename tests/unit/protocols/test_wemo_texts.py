"""What Wemo devices say, who may subscribe, and searches: read and written, whatever comes."""

from contextlib import suppress
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wachtel.base.errors import WachtelError
from wachtel.base.units import MonoS
from wachtel.protocols import gena, ssdp, upnp, wemo
from wachtel.protocols.gena import Callback, Subscription, SubscriptionBook
from wachtel.protocols.wemo import Identity, WemoKind
from wachtel.protocols.xml_reader import parse_xml

UDN = "uuid:Sensor-1_0-221424K1200001"


@pytest.mark.parametrize(
    ("udn", "kind"),
    [
        ("uuid:Socket-1_0-221", WemoKind.SWITCH),
        ("uuid:Lightswitch-3_0-221", WemoKind.LIGHT_SWITCH),
        ("uuid:Dimmer-2_0-221", WemoKind.DIMMER),
        ("uuid:OutdoorPlug-1_0-221", WemoKind.OUTDOOR_PLUG),
        ("uuid:Maker-1_0-221", WemoKind.MAKER),
        (UDN, WemoKind.MOTION),
        ("uuid:NetCamSensor-1_0-221", WemoKind.NETCAM),
        ("uuid:Fridge-1_0-221", None),
        ("Socket-1_0-221", None),
        ("uuid:Socket-1_0-221 and more", None),
    ],
)
def test_what_a_device_is_says_its_name(udn: str, kind: WemoKind | None) -> None:
    assert wemo.kind_of(udn) is kind


@given(st.text())
def test_a_name_is_short_and_whole(text: str) -> None:
    short = wemo.short_name(text)
    assert len(short.encode()) <= 30 and short.isprintable()


def test_a_name_is_cut_between_two_characters() -> None:
    assert wemo.short_name("Küche" * 9) == "KücheKücheKücheKücheKüche"
    assert wemo.short_name("x" + "ü" * 20) == "x" + "ü" * 14


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1))
def test_every_name_survives_the_description(name: str) -> None:
    identity = Identity("urn:Belkin:device:sensor:1", UDN, name, "d", "m", "1", "s")
    text = wemo.setup_xml(identity, ("basicevent",), "0").encode()
    assert ElementTree.fromstring(text).findtext(".//{*}friendlyName") == name
    read = upnp.read_description(text)
    assert read is not None and (read.udn, read.event_path) == (UDN, "/upnp/event/basicevent1")


@given(
    st.dictionaries(
        st.sampled_from(["Switch", "Sensor", "A"]), st.text("01<&>\"' x", min_size=1).map(str.strip)
    )
)
def test_attributes_are_read_as_they_were_written(attributes: dict[str, str]) -> None:
    listed = parse_xml(f"<all>{wemo.attribute_list(attributes)}</all>".encode())
    assert {one.text_at("name"): one.text_at("value") for one in listed.all("attribute")} == attributes


@given(st.binary(max_size=300))
def test_no_question_upsets_the_reader(body: bytes) -> None:
    text = body.decode("latin-1")
    with suppress(WachtelError):
        assert isinstance(wemo.arguments_of(body), dict)
    assert len(wemo.action_of(text)) <= 64
    ssdp.read_search(body)
    gena.wanted_s(body.decode("latin-1"))
    gena.read_callback(body.decode("latin-1"), "10.0.0.1")


def test_the_arguments_of_an_order() -> None:
    text = wemo.soap_answer("basicevent", "SetBinaryState", {"BinaryState": "1", "Duration": "900"})
    assert wemo.arguments_of(text.encode()) == {"BinaryState": "1", "Duration": "900"}
    assert wemo.action_of('"urn:Belkin:service:basicevent:1#SetBinaryState"') == "SetBinaryState"


def test_searches_and_their_answers_fit() -> None:
    assert ssdp.read_search(ssdp.search(ssdp.WEMO)) == ssdp.WEMO
    assert ssdp.read_search(ssdp.search(ssdp.WEMO).replace(b"ssdp:discover", b"x")) is None
    data = ssdp.answer(ssdp.WEMO, UDN, "http://10.0.0.5:49153/setup.xml", "Wachtel")
    read = ssdp.read_answer(data)
    assert read is not None and read.usn == f"{UDN}::{ssdp.WEMO}"
    assert len(data) <= 1024 and b"\r\nCACHE-CONTROL: max-age=86400\r\n" in data
    assert b"ssdp:byebye" in ssdp.goodbye(UDN, UDN) and ssdp.read_answer(ssdp.goodbye(UDN, UDN)) is None


@pytest.mark.parametrize(
    ("header", "callback"),
    [
        ("<http://10.0.0.1:8989/sub/x>", Callback("10.0.0.1", 8989, "/sub/x")),
        ("<http://10.0.0.1>", Callback("10.0.0.1", 80, "/")),
        ("<http://10.0.0.2:1/other>", None),
        ("<http://name:1/other>", None),
        ("<https://10.0.0.1/tls>", None),
        ("<http://10.0.0.1:99999/>", None),
        ("<http://user@10.0.0.2/>", None),
        ("http://10.0.0.1/", None),
        ("", None),
    ],
)
def test_only_the_asking_machine_is_called_back(header: str, callback: Callback | None) -> None:
    assert gena.read_callback(header, "10.0.0.1") == callback


def book() -> SubscriptionBook:
    numbers = iter(range(10_000))
    return SubscriptionBook(lambda: str(next(numbers)))


def test_a_subscription_lasts_as_long_as_it_is_renewed() -> None:
    known = book()
    one = known.add(Callback("10.0.0.1", 1, "/"), 300, MonoS(0))
    assert one is not None and known.renew(one.sid, 300, MonoS(299))
    assert known.expire(MonoS(598)) == [] and known.expire(MonoS(599)) == [one]
    assert not known.renew(one.sid, 300, MonoS(600))


def test_one_client_cannot_take_all_places() -> None:
    known = book()
    made = [known.add(Callback("10.0.0.1", port, "/"), 300, MonoS(0)) for port in range(20)]
    assert sum(one is not None for one in made) == gena.MOST_PER_CLIENT
    assert known.add(Callback("10.0.0.2", 1, "/"), 300, MonoS(0)) is not None


def test_numbers_of_events_skip_zero_the_second_time() -> None:
    one = Subscription("uuid:1", Callback("10.0.0.1", 1, "/"), MonoS(1), 0xFFFFFFFF)
    assert [one.next_number(), one.next_number(), one.next_number()] == [0xFFFFFFFF, 1, 2]
    assert Subscription("uuid:1", Callback("10.0.0.1", 1, "/"), MonoS(1)).next_number() == 0


def test_lengths_of_subscriptions() -> None:
    assert [
        gena.wanted_s(one) for one in ("Second-300", "second-0", "Second-infinite", "", "Second-9999999")
    ] == [
        300,
        1,
        gena.LONGEST_S,
        gena.LONGEST_S,
        gena.LONGEST_S,
    ]
