"""docs/reference/refunds.md names every option, reading, reason and status, and no option that does not exist."""

import re
from pathlib import Path

from wachtel.service.decision import Reason, Status
from wachtel.service.policies import POLICIES, switchable

PAGE = (Path(__file__).parents[3] / "docs/reference/refunds.md").read_text()
ROWS = re.findall(r"^\| (A\d+): .*? \| `(\w+)` \| (.*) \|$", PAGE, re.MULTILINE)


def test_every_option_is_on_the_page_with_its_readings_the_default_first() -> None:
    for option in switchable():
        assert f"`{option.name}`" in PAGE, option.name
        readings = option.metadata.get("readings", ())
        row = next((row for row in ROWS if row[1] == option.name), None)
        if readings:
            assert row is not None and row[0] == option.metadata["question"], option.name
            named = [f"`{str(each).lower()}`" for each in readings]
            assert sorted(named, key=row[2].index) == named, option.name


def test_no_option_is_on_the_page_that_does_not_exist() -> None:
    assert {name for _, name, _ in ROWS} <= {option.name for option in switchable()}


def test_every_question_of_the_rules_has_an_option() -> None:
    assert {question for question, _, _ in ROWS} == {f"A{number}" for number in range(1, 21)}


def test_every_reason_status_and_policy_is_on_the_page() -> None:
    assert [name for name in (*Reason, *Status, *POLICIES) if f"`{name}`" not in PAGE] == []
