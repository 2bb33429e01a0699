"""``wachtel refund`` from the outside."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from claims_at_hand import a_camera, a_claim, a_plan

from wachtel.app.cli import main
from wachtel.app.seen_on_disk import SeenOnDisk

Output = pytest.CaptureFixture[str]


def claims_file(folder: Path, *claims: object) -> str:
    path = folder / "claims.json"
    path.write_text(json.dumps(claims))
    return str(path)


def refund(*arguments: str) -> int:
    return main(["refund", "--policy", "belkin-2020", *arguments])


def decided(output: Output) -> list[dict[str, Any]]:
    return list(json.loads(output.readouterr().out))


def test_decisions_are_a_json_list(tmp_path: Path, capsys: Output) -> None:
    claim = a_claim(subscription=a_plan("2020-11-15"), cameras=[a_camera()])
    assert refund(claims_file(tmp_path, claim, {"id": "c2"})) == 0
    first, second = decided(capsys)
    assert (first["status"], first["totals"]) == ("DECIDED", {"EUR": "175.19"})
    assert (second["id"], second["status"]) == ("c2", "REJECTED")


def test_an_empty_list_is_answered_by_one(tmp_path: Path, capsys: Output) -> None:
    assert refund(claims_file(tmp_path)) == 0
    assert decided(capsys) == []


def test_options_rates_and_language(tmp_path: Path, capsys: Output) -> None:
    path = claims_file(tmp_path, a_claim("CA", subscription=a_plan("2020-06-20", plan="monthly")))
    assert refund(path, "--option", "monthly_plans=like_yearly", "--rate", "CAD=13.50", "--lang", "de") == 0
    (decision,) = decided(capsys)
    assert decision["totals"] == {"CAD": "13.50"}
    assert "Als verloren zählt: 1 Monat; 1 x 13,50 CAD" in decision["subscription"]["explanation"]


def test_as_of(tmp_path: Path, capsys: Output) -> None:
    path = claims_file(tmp_path, a_claim(cameras=[a_camera(returned_on=None)]))
    assert refund(path, "--as-of", "2020-09-01") == 0
    assert decided(capsys)[0]["cameras"][0]["reason"] == "CANCELLED"


def test_the_table_has_a_row_for_every_amount(tmp_path: Path, capsys: Output) -> None:
    claim = a_claim(subscription=a_plan("2020-11-15"), cameras=[a_camera()])
    assert refund(claims_file(tmp_path, claim, {"id": "c2"}), "--csv") == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(row["id"], row["item"], row["amount"]) for row in rows] == [
        ("c1", "subscription", "55.20"),
        ("c1", "camera", "119.99"),
        ("c2", "residence", ""),
        ("c2", "submitted_at", ""),
    ]


@pytest.mark.parametrize(
    "wrong", [["--option", "colour=red"], ["--option", "months=never"], ["--rate", "XXX=1"]]
)
def test_wrong_usage(tmp_path: Path, capsys: Output, wrong: list[str]) -> None:
    assert refund(claims_file(tmp_path), *wrong) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_an_unknown_policy_names_those_there_are(tmp_path: Path, capsys: Output) -> None:
    assert main(["refund", "--policy", "none", claims_file(tmp_path)]) == 2
    assert "belkin-2020, wachtel-promise" in capsys.readouterr().err


def test_a_file_that_cannot_be_read(tmp_path: Path, capsys: Output) -> None:
    assert refund(str(tmp_path / "none.json")) == 1
    assert "cannot be read" in capsys.readouterr().err
    (tmp_path / "object.json").write_text("{}")
    assert refund(str(tmp_path / "object.json")) == 1
    assert "not a JSON list" in capsys.readouterr().err


def test_what_stands_before_a_file_breaks_off_is_decided(tmp_path: Path, capsys: Output) -> None:
    whole = json.dumps([a_claim(subscription=a_plan("2020-11-15")), a_claim()])
    (tmp_path / "half.json").write_text(whole[:-20])
    assert refund(str(tmp_path / "half.json")) == 1
    output = capsys.readouterr()
    assert [each["totals"] for each in json.loads(output.out)] == [{"EUR": "55.20"}]
    assert "middle of the list" in output.err


def test_keys_on_disk_are_remembered_beyond_the_first_table() -> None:
    with SeenOnDisk(slots=8) as seen:
        assert all(seen.add(f"key {number}") for number in range(300))
        assert not any(seen.add(f"key {number}") for number in range(300))
        assert seen.add("key 300")
