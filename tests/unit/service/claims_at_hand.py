"""Claims as JSON values, and the answer to one of them."""

import json
from typing import Any

from wachtel.service.answers import as_json
from wachtel.service.claim_stream import Element
from wachtel.service.desk import ClaimsDesk
from wachtel.service.policies import policy_named

Json = dict[str, Any]
IN_TIME = "2020-06-10T12:00:00"


def a_claim(residence: str = "DE", submitted_at: str = IN_TIME, **more: Any) -> Json:
    return {"id": "c1", "residence": residence, "submitted_at": submitted_at, **more}


def a_plan(ends_on: str, starts_on: str = "2019-06-01", plan: str = "yearly", **more: Any) -> Json:
    return {"plan": plan, "starts_on": starts_on, "ends_on": ends_on, "receipt": True, **more}


def a_camera(
    bought_on: str = "2019-11-29", price: str = "119.99", currency: str = "EUR", **more: Any
) -> Json:
    facts = {
        "serial": "A1", "bought_on": bought_on, "price": price, "currency": currency, "dealer_receipt": True,
        "label_received_on": "2020-06-20", "returned_on": "2020-06-25",
    }  # fmt: skip
    return {**facts, **more}


class SeenInMemory:
    """For a few claims."""

    def __init__(self) -> None:
        self._keys: set[str] = set()

    def add(self, key: str) -> bool:
        """True the first time."""
        new = key not in self._keys
        self._keys.add(key)
        return new


def a_desk(policy: str = "belkin-2020", rates: dict[str, str] | None = None, **options: str) -> ClaimsDesk:
    return ClaimsDesk(policy_named(policy).with_options(options, rates or {}), SeenInMemory())


def answer(
    claim: Json, policy: str = "belkin-2020", rates: dict[str, str] | None = None, **options: str
) -> Json:
    desk = a_desk(policy, rates, **options)
    return as_json(desk.answer(Element(json.dumps(claim).encode())), "en")


def plan_paid(claim: Json, rates: dict[str, str] | None = None, **options: str) -> tuple[str, str, str]:
    """Amount, currency and reason of the subscription."""
    item = answer(claim, "belkin-2020", rates, **options)["subscription"]
    return item["amount"], item["currency"], item["reason"]


def camera_paid(claim: Json, rates: dict[str, str] | None = None, **options: str) -> tuple[str, str, str]:
    """Amount, currency and reason of the first camera."""
    item = answer(claim, "belkin-2020", rates, **options)["cameras"][0]
    return item["amount"], item["currency"], item["reason"]
