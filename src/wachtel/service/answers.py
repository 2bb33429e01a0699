"""Answers as JSON values and as rows of a table."""

from collections.abc import Iterator
from typing import Any

from wachtel.service.decision import Decision, Item, Problem, Rejection, Status
from wachtel.service.money import totals
from wachtel.service.words import Language

COLUMNS = (
    "id", "status", "item", "serial", "amount", "currency", "provisional_amount", "months", "reason", "explanation",
)  # fmt: skip

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_json(answer: Decision | Rejection, language: Language) -> dict[str, Any]:
    """The answer's JSON object."""
    if isinstance(answer, Rejection):
        errors = _errors(answer.problems, language)
        return {"id": answer.id, "status": Status.REJECTED.value, "errors": errors}
    subscription = answer.subscription
    value: dict[str, Any] = {
        "id": answer.id,
        "status": answer.status.value,
        "subscription": _item(subscription, language) if subscription else None,
        "cameras": [_item(camera, language) for camera in answer.cameras],
        "totals": {name: sum_.text for name, sum_ in totals(item.amount for item in answer.items()).items()},
    }
    if answer.problems:
        value["errors"] = _errors(answer.problems, language)
    return value


def as_rows(answer: Decision | Rejection, language: Language) -> Iterator[tuple[str, ...]]:
    """A row for every amount, or for everything that is wrong; the columns are `COLUMNS`."""
    if isinstance(answer, Rejection):
        for problem in answer.problems:
            message = problem.message.of(language)
            yield _row(answer.id or "", Status.REJECTED.value, problem.field, explanation=message)
        return
    for item in answer.items():
        what = "subscription" if item is answer.subscription else "camera"
        yield _row(
            answer.id,
            answer.status.value,
            what,
            **{name: str(cell) for name, cell in _item(item, language).items()},
        )


def _row(claim: str, status: str, item: str, **cells: str) -> tuple[str, ...]:
    cells |= {"id": claim, "status": status, "item": item}
    return tuple(harmless(cells.get(name, "")) for name in COLUMNS)


def harmless(cell: str) -> str:
    """A spreadsheet must not take a customer's text for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _errors(problems: tuple[Problem, ...], language: Language) -> list[dict[str, str]]:
    return [{"field": problem.field, "message": problem.message.of(language)} for problem in problems]


def _item(item: Item, language: Language) -> dict[str, Any]:
    optional: dict[str, Any] = {
        "months": item.months,
        "provisional_amount": item.provisional.text if item.provisional else None,
        "suggested_amount": item.suggested.text if item.suggested else None,
        "suggestion": "full" if item.suggested else None,
        "flag": item.flag,
    }
    return {
        **({"serial": item.serial} if item.serial is not None else {}),
        "amount": item.amount.text,
        "currency": item.amount.currency,
        **{name: value for name, value in optional.items() if value is not None},
        "reason": item.reason.value,
        "explanation": item.words.of(language),
    }
