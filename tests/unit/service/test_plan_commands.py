"""Plans, subscriptions, charges and the end of a service from the command line, without a server."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from wachtel.app.cli import main
from wachtel.app.cli.sunset import plain

END = (datetime.now(UTC) + timedelta(days=200)).date().isoformat()


class Terminal:
    """Runs commands on one data folder."""

    def __init__(self, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._data = data
        self._capsys = capsys

    def run(self, *words: str) -> tuple[int, str, str]:
        code = main([*words, "--data", str(self._data)])
        said = self._capsys.readouterr()
        return code, said.out, said.err

    def json(self, *words: str) -> Any:
        code, out, err = self.run(*words, "--json")
        assert code == 0, err
        return json.loads(out)


@pytest.fixture
def terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(tmp_path / "data", capsys)


def sell(terminal: Terminal) -> str:
    terminal.json(
        "plan", "add", "basic", "--interval", "yearly", "--price", "EUR=49.99", "--hosted-days", "30"
    )
    words = (
        "subscription",
        "add",
        "basic",
        "--subscriber",
        "Anna",
        "--residence",
        "DE",
        "--tz",
        "Europe/Berlin",
    )
    return str(terminal.json(*words)["id"])


def test_a_plan_is_sold_charged_paid_cancelled_and_resumed(terminal: Terminal) -> None:
    one = sell(terminal)
    assert terminal.json("plan", "list")[0]["prices"] == {"EUR": "49.99"}
    charge = terminal.json("charge", "list")[0]
    assert (charge["subscription"], charge["amount"], charge["paid_on"]) == (one, "49.99", None)
    assert len(terminal.json("charge", "list")) == 1
    assert terminal.json("charge", "paid", charge["id"], "--reference", "bank 7")["reference"] == "bank 7"
    assert terminal.json("subscription", "cancel", one)["standing"] == "cancelled"
    code, out, _ = terminal.run("subscription", "list", "--notices", "--lang", "de")
    assert code == 0 and "weil es gekündigt ist" in out and one in out
    assert terminal.json("subscription", "resume", one)["standing"] == "active"


def test_an_end_from_announcement_to_a_file_that_proves_itself(terminal: Terminal, tmp_path: Path) -> None:
    sell(terminal)
    assert terminal.run("sunset", "show")[1] == "No end is announced.\n"
    said = ("--operator", "Village", "--ends-on", END, "--reason", "We retire.\x1b[31m")
    shown = terminal.json("sunset", "announce", *said)
    code, out, _ = terminal.run("sunset", "show", "--lang", "de")
    assert code == 0 and f"Village beendet den Dienst am {END}" in out and "\x1b" not in out
    file = tmp_path / "notice.json"
    file.write_text(json.dumps(shown["signed"], indent=2))
    assert terminal.run("sunset", "show", str(file), "--key", shown["signed"]["key"])[0] == 0
    assert terminal.run("sunset", "show", str(file))[0] == 1
    assert terminal.run("sunset", "show", str(file), "--key", "00" * 32)[0] == 1
    file.write_text(json.dumps(shown["signed"]).replace("Village", "Town"))
    code, out, _ = terminal.run("sunset", "show", str(file), "--key", shown["signed"]["key"])
    assert code == 1 and "signature is wrong" in out
    code, _, err = terminal.run("sunset", "advance", "paid", "--evidence", "x")
    assert code == 1 and "The next step is export_ready." in err


def test_wrong_words_are_answered(terminal: Terminal, tmp_path: Path) -> None:
    assert terminal.run("subscription", "cancel", "nobody")[0] == 1
    assert terminal.run("charge", "paid", "nothing")[0] == 1
    assert terminal.run("sunset", "show", str(tmp_path / "missing.json"))[0] == 1
    (tmp_path / "junk").write_bytes(b"\xff{")
    assert "not a notice" in terminal.run("sunset", "show", str(tmp_path / "junk"))[2]
    for wrong in (["--interval", "weekly"], ["--interval", "monthly", "--price", "4.99"]):
        with pytest.raises(SystemExit) as ended:
            main(["plan", "add", "x", *wrong])
        assert ended.value.code == 2


def test_a_strangers_text_cannot_steer_the_terminal() -> None:
    assert plain("a\x1b]0;b\x07\u202ec\nd") == "a ]0;b  c d"


def test_claims_from_a_file_to_the_payment(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "claims.json"
    claims = [
        {
            "id": "by letter/1",
            "residence": "DE",
            "submitted_at": "2020-06-10T12:00:00",
            "subscription": {
                "plan": "yearly", "starts_on": "2019-11-15", "ends_on": "2020-11-15", "receipt": False,
            },
            "cameras": [],
        },
        {"id": "wrong", "residence": "XX"},
    ]  # fmt: skip
    file.write_text(json.dumps(claims))
    code, out, err = terminal.run("claim", "import", str(file), "--lang", "de")
    assert code == 1 and "wrong\tresidence\t" in out and "1 new, 0 known before, 1 wrong" in err
    code, out, _ = terminal.run("claim", "list", "--stage", "evidence_missing")
    assert out.startswith("by letter/1\t2020-06-10\tA receipt is missing")
    decided = terminal.json("claim", "say", "by letter/1", "receipt_accepted", "subscription")
    assert decided["due"] == {"EUR": "55.20"}
    assert terminal.json("claim", "paid", "by letter/1", "--reference", "77")["stage"] == "paid"
    code, out, _ = terminal.run("claim", "show", "by letter/1", "--lang", "de")
    assert "Bezahlt" in out and "55.20 EUR" in out
    assert "There is no claim" in terminal.run("claim", "show", "by letter/2")[2]


def test_the_desk_is_opened_with_rules(terminal: Terminal) -> None:
    words = ("claim", "desk", "--open", "--option", "claims_until=2027-12-31", "--rate", "CAD=13.50")
    assert (
        "The form is open. Policy: belkin-2020 claims_until=2027-12-31 CAD=13.50" in terminal.run(*words)[1]
    )
    assert terminal.json("claim", "desk", "--close")["options"] == {"claims_until": "2027-12-31"}
