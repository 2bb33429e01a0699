import pytest
from hypothesis import given
from hypothesis import strategies as st

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.protocols.camera_url import CameraUrl, is_device_url, parse_camera_url, parse_device_url

HOSTILE = [
    "file:///etc/passwd",
    "/etc/passwd",
    "concat:/etc/passwd|/etc/hosts",
    "subfile,,start,0,end,100,,:/etc/passwd",
    "rtsp+file:///etc/passwd",
    "data:text/plain,hello",
    "pipe:0",
    "tcp://10.0.0.1:80",
    "gopher://10.0.0.1/",
    "ftp://10.0.0.1/a",
    "async:file:/etc/passwd",
    "crypto:file:/etc/passwd",
    "rtsp://",
    "rtsp:///path",
    "rtsp://host:0/",
    "rtsp://host:99999/",
    "rtsp://ho st/",
    "rtsp://host/\r\nX: y",
    "rtsp://[::1/",
    "rtsp://[zz]/",
    "rtsp://-a.b/",
    "rtsp://" + "a" * 3000,
    "http://a|b/",
    "javascript:alert(1)",
    "",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_no_camera_url_is_refused(text: str) -> None:
    with pytest.raises(WachtelError) as caught:
        parse_camera_url(text)
    assert caught.value.kind is ErrorKind.FORBIDDEN_URL
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("rtsp://10.0.0.1", CameraUrl("rtsp", "10.0.0.1", 554, "/")),
        ("RTSP://Cam.local:8554/a/b?c=1&d=2", CameraUrl("rtsp", "cam.local", 8554, "/a/b?c=1&d=2")),
        ("http://10.0.0.1?action=stream", CameraUrl("http", "10.0.0.1", 80, "/?action=stream")),
        ("rtsp://u@h/", CameraUrl("rtsp", "h", 554, "/", "u", None)),
        ("rtsp://u:p%40x@h/", CameraUrl("rtsp", "h", 554, "/", "u", "p@x")),
        ("rtsp://u:p@:/?#%25ü@h:1/x@y", CameraUrl("rtsp", "h", 1, "/x@y", "u", "p@:/?#%ü")),
        ("https://[fe80::1]:8443/v", CameraUrl("https", "fe80::1", 8443, "/v")),
        ("http://h/mail@example.org/x", CameraUrl("http", "h", 80, "/mail@example.org/x")),
    ],
)
def test_urls_as_people_type_them(text: str, url: CameraUrl) -> None:
    assert parse_camera_url(text) == url


def test_secrets_are_only_in_the_full_form() -> None:
    url = parse_camera_url("rtsp://u:c@nary@h/x")
    assert url.public() == "rtsp://h:554/x"
    assert url.full() == "rtsp://u:c%40nary@h:554/x"


@given(
    st.text(
        alphabet=st.characters(min_codepoint=33, max_codepoint=0x2FF, exclude_characters="\x7f"), max_size=30
    )
)
def test_any_encoded_password_survives(password: str) -> None:
    url = CameraUrl("rtsp", "cam", 554, "/a", "user", password)
    assert parse_camera_url(url.full()) == url


@given(st.text(max_size=100))
def test_the_parser_answers_or_refuses(text: str) -> None:
    try:
        url = parse_camera_url("rtsp://" + text)
    except WachtelError as error:
        assert error.kind is ErrorKind.FORBIDDEN_URL
    else:
        assert 1 <= url.port <= 65535


def test_addresses_for_drivers_of_packages() -> None:
    found = parse_device_url("camera+bench://anna:p@1@192.168.1.30/")
    assert (found.scheme, found.port, found.user, found.password) == ("camera+bench", 80, "anna", "p@1")
    assert is_device_url("camera+bench://x") and is_device_url("Camera+Bench://x")
    for text in ("camera+://x", "camera+a b://x", "bench://x", "onvif+x://x"):
        assert not is_device_url(text)
        with pytest.raises(WachtelError):
            parse_device_url(text)


@pytest.mark.parametrize("text", ["rtsp://[fe80::1%eth0]/live", "rtsp://a:b@[FE80:0::1%25eth0]:554/live"])
def test_a_link_local_address_has_a_zone(text: str) -> None:
    found = parse_camera_url(text)
    assert found.host == "fe80::1%eth0"
    assert found.on_the_wire().public() == "rtsp://[fe80::1]:554/live"
    assert parse_camera_url(found.full()) == found


@pytest.mark.parametrize(
    "host", ["[2001:db8::1%eth0]", "[fe80::1%]", "[fe80::1%a b]", "[fe80::1%e/x]", "[::1%25lo]"]
)
def test_zones_that_are_none(host: str) -> None:
    with pytest.raises(WachtelError):
        parse_camera_url(f"rtsp://{host}/live")
