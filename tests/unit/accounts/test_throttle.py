"""Guessing gets slow, and nobody else notices."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wachtel.accounts.throttle import ACCOUNT, ADDRESS, PAIR, Limit, Throttle, TooManyTries, network_of
from wachtel.base.units import US_PER_S, MonoS, WallUs
from wachtel.model.access import Scope
from wachtel.storage.state import State, open_state
from wachtel.storage.state.accounts import Account
from wachtel.storage.state.tries import TryCounter

START = WallUs(1_795_271_400 * US_PER_S)


class HandClock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now = START

    def wall_us(self) -> WallUs:
        return self.now

    def monotonic_s(self) -> MonoS:
        return MonoS(self.now / US_PER_S)

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds)

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        self.advance(seconds)
        return stop.is_set()

    def advance(self, seconds: float) -> None:
        self.now = WallUs(self.now + round(seconds * US_PER_S))


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    opened = open_state(tmp_path)
    opened.accounts.add(Account("a1", "Anna", Scope.ADMIN, "x", START))
    yield opened
    opened.close()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def throttle(state: State, clock: HandClock) -> Throttle:
    return Throttle(state.tries, clock)


def guess(throttle: Throttle, address: str, name: str = "Anna", account: str | None = "a1") -> float:
    """Tries a wrong password; the seconds to wait, 0 when it was let through."""
    try:
        throttle.admit(name, address, account)
    except TooManyTries as error:
        return float(error.details["wait_s"])
    return 0.0


def test_the_wait_doubles_up_to_a_quarter_of_an_hour(throttle: Throttle, clock: HandClock) -> None:
    assert [guess(throttle, "10.0.0.1") for _ in range(5)] == [0.0] * 5
    waits = []
    for _ in range(14):
        wait = guess(throttle, "10.0.0.1")
        waits.append(wait)
        clock.advance(wait)
        assert guess(throttle, "10.0.0.1") == 0.0
    assert waits[:4] == [2.0, 3.0, 5.0, 9.0]
    assert waits == sorted(waits)
    assert max(waits) == 901.0


def test_two_thousand_tries_in_a_day_are_a_hundred(throttle: Throttle, clock: HandClock) -> None:
    through = 0
    for _ in range(2000):
        through += guess(throttle, "10.0.0.1") == 0.0
        clock.advance(86_400 / 2000)
    assert through < 110


def test_a_refused_try_is_not_counted(throttle: Throttle, clock: HandClock) -> None:
    for _ in range(5):
        guess(throttle, "10.0.0.1")
    assert [guess(throttle, "10.0.0.1") for _ in range(50)] == [2.0] * 50
    clock.advance(2)
    assert guess(throttle, "10.0.0.1") == 0.0


def test_a_right_password_begins_anew(throttle: Throttle) -> None:
    for _ in range(4):
        guess(throttle, "10.0.0.1")
    throttle.succeeded(throttle.admit("Anna", "10.0.0.1", "a1"), "a1")
    assert [guess(throttle, "10.0.0.1") for _ in range(5)] == [0.0] * 5


def test_a_stranger_does_not_keep_the_owner_out(throttle: Throttle, clock: HandClock) -> None:
    throttle.succeeded(throttle.admit("Anna", "192.168.1.10", "a1"), "a1")
    for number in range(200):
        guess(throttle, f"10.0.{number}.1")
    assert guess(throttle, "10.1.0.1") > 0
    assert guess(throttle, "192.168.1.10") == 0.0


def test_guesses_at_others_from_the_owners_address_do_not_keep_the_owner_out(throttle: Throttle) -> None:
    throttle.succeeded(throttle.admit("Anna", "192.168.1.10", "a1"), "a1")
    for number in range(60):
        guess(throttle, "192.168.1.10", f"name {number}", None)
    assert guess(throttle, "192.168.1.10", "another", None) > 0
    assert guess(throttle, "192.168.1.10") == 0.0


def test_an_account_under_attack_is_open_again_within_a_minute(throttle: Throttle, clock: HandClock) -> None:
    for number in range(300):
        guess(throttle, f"10.{number // 200}.{number % 200}.1")
        clock.advance(0.01)
    clock.advance(ACCOUNT.longest_s + 1)
    assert guess(throttle, "172.16.0.1") == 0.0


def test_spraying_names_from_one_address_gets_slow(throttle: Throttle) -> None:
    waits = [guess(throttle, "10.0.0.1", f"name {number}", None) for number in range(30)]
    assert waits[: ADDRESS.free] == [0.0] * ADDRESS.free
    assert waits[-1] > 0


def test_a_restart_does_not_forgive(state: State, clock: HandClock) -> None:
    for _ in range(5):
        guess(Throttle(state.tries, clock), "10.0.0.1")
    assert guess(Throttle(state.tries, clock), "10.0.0.1") > 0


def test_a_day_later_all_is_forgotten(throttle: Throttle, clock: HandClock) -> None:
    for _ in range(60):
        guess(throttle, "10.0.0.1")
        clock.advance(1000)
    clock.advance(86_401)
    assert [guess(throttle, "10.0.0.1") for _ in range(5)] == [0.0] * 5


def test_a_clock_that_was_set_back_locks_nobody_out(throttle: Throttle, clock: HandClock) -> None:
    for _ in range(5):
        guess(throttle, "10.0.0.1")
    clock.advance(-365 * 86_400)
    assert guess(throttle, "10.0.0.1") == 0.0


@given(st.integers(0, 10_000), st.integers(0, 10**7))
def test_no_wait_is_longer_than_its_limit(failures: int, passed_s: int) -> None:
    now = WallUs(START + passed_s * US_PER_S)
    for limit in (PAIR, ADDRESS, ACCOUNT):
        assert 0 <= limit.wait_s(TryCounter(failures, START), now) <= limit.longest_s
        assert (
            limit.wait_s(TryCounter(failures, START), WallUs(START + round((limit.longest_s + 1) * US_PER_S)))
            == 0
        )


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("", ""),
        ("unix", "unix"),
    ],
)
def test_what_counts_as_one_address(address: str, network: str) -> None:
    assert network_of(address) == network
    assert Limit(1, 1.0).wait_s(TryCounter(0, START), START) == 0
