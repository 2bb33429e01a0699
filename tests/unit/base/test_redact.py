import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wachtel.base.redact import RedactingFilter, redact


@pytest.mark.parametrize(
    "text",
    [
        "rtsp://admin:canary@10.0.0.1/stream",
        "rtsp://admin:p@canary@10.0.0.1/stream",
        "open rtsp://canary@cam:554/ failed",
        "password=canary",
        '{"token": "canary"}',
        "Authorization: canary",
    ],
)
def test_secrets_do_not_survive(text: str) -> None:
    assert "canary" not in redact(text)


def test_what_is_no_secret_stays() -> None:
    assert (
        redact("camera tor at rtsp://10.0.0.1:554/a is offline")
        == "camera tor at rtsp://10.0.0.1:554/a is offline"
    )


@given(
    st.text(
        alphabet=st.characters(codec="ascii", exclude_characters="/ \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f"),
        min_size=8,
    )
)
def test_no_password_survives_in_a_url(password: str) -> None:
    assert redact(f"rtsp://u:{password}@cam/x") == "rtsp://***@cam/x"


def test_the_filter_redacts_arguments_too() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 1, "to %s", ("rtsp://a:canary@b/",), None)
    RedactingFilter().filter(record)
    assert record.getMessage() == "to rtsp://***@b/"
