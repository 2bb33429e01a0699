"""What counts as leaving this machine, and what the drill makes of its findings."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from wachtel.app.drill import watch
from wachtel.app.drill.internet_gone import Outcome, findings_of
from wachtel.app.drill.report import TITLES, Finding, Verdict, by_promise
from wachtel.service.words import Words

WELL = dict.fromkeys(("drivers", "record", "live", "play", "log_in", "account", "doors"), "")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.3.2.1", "::1", "localhost", "", b"localhost", "0.0.0.0", "::", None]
)
def test_this_machine_is_local(host: object) -> None:
    assert watch.is_local(host)


@pytest.mark.parametrize(
    "host", ["192.168.1.1", "8.8.8.8", "fe80::1%eth0", "example.org", b"example.org", "localhost.evil"]
)
def test_everything_else_is_not(host: object) -> None:
    assert not watch.is_local(host)


@pytest.mark.parametrize(
    ("event", "arguments", "host"),
    [
        ("socket.connect", (None, ("10.0.0.1", 80)), "10.0.0.1"),
        ("socket.connect", (None, "/run/x.sock"), None),
        ("socket.sendto", (None, ("10.0.0.1", 80)), "10.0.0.1"),
        ("socket.sendmsg", (None, None), None),
        ("socket.getaddrinfo", ("example.org", 443, 0, 0, 0), "example.org"),
        ("socket.getaddrinfo", ("10.0.0.1", 443, 0, 0, 0), None),
        ("socket.bind", (None, ("0.0.0.0", 0)), None),
    ],
)
def test_the_events_that_leave(event: str, arguments: tuple[Any, ...], host: object) -> None:
    assert watch.wanted_host(event, arguments) == host


def test_a_watched_process_cannot_leave_and_is_named(tmp_path: Path) -> None:
    log, program = tmp_path / "log", tmp_path / "caller.py"
    program.write_text(
        f"import socket\nfrom wachtel.app.drill.watch import watch\nwatch({str(log)!r})\n"
        "for where in (('198.51.100.7', 9), ('127.0.0.1', 9)):\n"
        "    try:\n        socket.create_connection(where, 2)\n"
        "    except OSError as error:\n        print(error.errno)\n"
    )
    done = subprocess.run([sys.executable, program], capture_output=True, text=True, timeout=60)
    assert len(done.stdout.split()) == 2, done.stderr
    assert log.read_text() == "connect 198.51.100.7 by caller.py:6\n"


def test_a_failure_goes_before_a_pass_and_no_promise_is_forgotten() -> None:
    told = [Finding(3, Verdict.PASS, Words("ja", "yes")), Finding(3, Verdict.FAIL, Words("nein", "no"))]
    found = by_promise(told)
    assert [each.promise for each in found] == list(TITLES)
    assert (found[2].verdict, found[2].words.en) == (Verdict.FAIL, "no")
    assert {each.verdict for each in found} == {Verdict.FAIL, Verdict.NOT_APPLICABLE}
    assert all(each.words.de and each.words.en for each in found)


@pytest.mark.parametrize(
    ("outcome", "failed"),
    [
        (Outcome(WELL, (), 0, True), set()),
        (Outcome(WELL, (), 0, False), set()),
        (Outcome(WELL, ("connect 198.51.100.7 by x.py:1",), 0, True), {2}),
        (Outcome(WELL, (), 3, True), {2}),
        (Outcome(WELL | {"record": "no"}, (), 0, True), {1, 3}),
        (Outcome(WELL | {"account": "no"}, (), 0, True), {5}),
        (Outcome(WELL | {"doors": "no"}, (), 0, True), {8}),
        (Outcome({"record": "it did not start"}, (), 0, True), {1}),
    ],
)
def test_what_an_outcome_says_of_each_promise(outcome: Outcome, failed: set[int]) -> None:
    found = findings_of(outcome)
    assert {each.promise for each in found if each.verdict is Verdict.FAIL} == failed
