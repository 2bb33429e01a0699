"""Kinds of messages and results of deliveries are documented, and nothing else."""

import msgspec
from docs_pages import first_cells, reference

from wachtel.model.message import MessageKind
from wachtel.notifiers.webhook.body import body_of, headers_of
from wachtel.storage.state.deliveries import DeliveryResult
from wachtel.testing.contracts.notifier import AT, a_message

PAGE = reference("webhooks.md")


def test_every_kind_of_message_is_documented_and_no_other() -> None:
    words = first_cells(PAGE.section("The request"))
    headers = headers_of(a_message(), b"{}", "secret", AT).keys() - {"User-Agent"}
    assert set(words) == headers | {kind.value for kind in MessageKind}


def test_every_field_of_the_body_is_in_the_example() -> None:
    sent = msgspec.json.decode(body_of(a_message()))
    assert [name for name in sent if f'"{name}"' not in PAGE.text] == []


def test_every_result_of_a_delivery_is_documented() -> None:
    http = reference("http.md").text
    assert [result for result in DeliveryResult if f"`{result.value}`" not in http] == []
