"""People, sessions, tokens, links, seen marks, tries and the outbox."""

import threading
from collections.abc import Mapping

import pytest

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.model.access import Scope
from wachtel.storage.state import State
from wachtel.storage.state.accounts import Account
from wachtel.storage.state.links import LinkKind, LoginLink
from wachtel.storage.state.outbox import OutboxKey, OutboxState
from wachtel.storage.state.seen import SeenMark
from wachtel.storage.state.sessions import Session
from wachtel.storage.state.tokens import DigestSecret, Token
from wachtel.storage.state.tries import MOST_COUNTERS, TryCounter

NOW = WallUs(1_000_000)
ANNA = Account("a1", "Anna", Scope.ADMIN, "hash", NOW)
BERT = Account("b1", "Bert", Scope.VIEW, None, NOW, frozenset({"home", "office"}))


def test_names_differ_by_more_than_case(state: State) -> None:
    state.accounts.add(ANNA)
    for name in ("anna", "ＡＮＮＡ", " Anna "):
        assert state.accounts.named(name) == ANNA
        with pytest.raises(WachtelError):
            state.accounts.add(Account("x", name, Scope.VIEW, None, NOW))
    state.accounts.add(BERT)
    assert state.accounts.all() == [ANNA, BERT]


def test_the_last_administrator_stays(state: State) -> None:
    state.accounts.add(ANNA)
    state.accounts.add(BERT)
    with pytest.raises(WachtelError):
        state.accounts.remove("a1")
    state.accounts.remove("b1")
    with pytest.raises(WachtelError):
        state.accounts.remove("b1")
    state.accounts.add(Account("c1", "Cleo", Scope.ADMIN, "x", NOW))
    state.accounts.remove("a1")
    assert [account.id for account in state.accounts.all()] == ["c1"]


def test_a_new_password_ends_every_session(state: State) -> None:
    state.accounts.add(ANNA)
    session = Session(b"h", "a1", NOW, NOW, "10.0.0.1", "agent")
    state.sessions.add(session)
    assert state.sessions.find(b"h") == (session, ANNA)
    state.accounts.change_password("a1", "new")
    assert state.sessions.find(b"h") is None
    with pytest.raises(WachtelError):
        state.accounts.change_password("nobody", "new")


def test_sessions_end(state: State) -> None:
    state.accounts.add(ANNA)
    for name, used in ((b"old", 5), (b"new", 50)):
        state.sessions.add(Session(name, "a1", NOW, WallUs(used), "", ""))
    state.sessions.used(b"new", WallUs(60))
    state.sessions.end_unused(WallUs(55))
    assert state.sessions.find(b"old") is None
    assert state.sessions.find(b"new") is not None
    state.sessions.end(b"new")
    assert state.sessions.find(b"new") is None


def test_sessions_go_with_their_account(state: State) -> None:
    state.accounts.add(ANNA)
    state.accounts.add(BERT)
    state.sessions.add(Session(b"h", "b1", NOW, NOW, "", ""))
    state.accounts.remove("b1")
    assert state.sessions.find(b"h") is None


def test_the_first_run_link_is_used_up(state: State) -> None:
    state.links.replace(LoginLink(b"one", LinkKind.FIRST_RUN, None, NOW))
    state.links.replace(LoginLink(b"two", LinkKind.FIRST_RUN, None, NOW))
    with pytest.raises(WachtelError):
        state.accounts.add_first(ANNA, b"one")
    assert not state.accounts.any()
    state.accounts.add_first(ANNA, b"two")
    with pytest.raises(WachtelError):
        state.accounts.add_first(BERT, b"two")
    assert state.accounts.all() == [ANNA]


def test_only_one_of_many_becomes_the_owner(state: State) -> None:
    state.links.replace(LoginLink(b"link", LinkKind.FIRST_RUN, None, NOW))
    refusals: list[WachtelError] = []

    def run(number: int) -> None:
        try:
            state.accounts.add_first(Account(f"n{number}", f"N{number}", Scope.ADMIN, "x", NOW), b"link")
        except WachtelError as error:
            refusals.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refusals) == 7
    assert len(state.accounts.all()) == 1


def test_many_writers_wait_for_their_turn(state: State) -> None:
    failures: list[WachtelError] = []

    def run(number: int) -> None:
        try:
            for turn in range(20):
                state.outbox.put(OutboxKey("home", f"{number}-{turn}", "r", "c"), NOW)
        except WachtelError as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(state.outbox.due(NOW, 1000)) == 160


def test_tokens(state: State) -> None:
    token = Token("t1", "Haus", Scope.VIEW, NOW, frozenset({"home"}))
    state.tokens.add(token, b"hash", DigestSecret("aa", "bb"))
    assert state.tokens.find(b"hash") == token
    assert state.tokens.find(b"other") is None
    secret = state.tokens.rtsp_secret("haus")
    assert secret is not None
    assert (secret.token, secret.hash, secret.digest) == (token, b"hash", DigestSecret("aa", "bb"))
    assert state.tokens.rtsp_secret("nobody") is None
    with pytest.raises(WachtelError):
        state.tokens.add(Token("t2", "HAUS", Scope.VIEW, NOW), b"h2", DigestSecret("", ""))
    state.tokens.remove("t1")
    assert state.tokens.all() == []


def test_demo_links(state: State) -> None:
    state.accounts.add(ANNA)
    link = LoginLink(b"demo", LinkKind.DEMO, "a1", NOW)
    state.links.replace(link)
    assert state.links.find(b"demo") == link
    state.links.withdraw(LinkKind.DEMO)
    assert state.links.find(b"demo") is None


def test_seen_marks_only_move_forward(state: State) -> None:
    early, late = SeenMark(WallUs(5), "e1"), SeenMark(WallUs(9), "e2")
    state.seen.advance("a1", frozenset({"home"}), late)
    state.seen.advance("a1", frozenset({"home", "office"}), early)
    assert state.seen.of("a1") == {"home": late, "office": early}
    assert state.seen.of("b1") == {}


def test_counters_are_changed_together_or_not_at_all(state: State) -> None:
    state.tries.update([b"x"], lambda counters: {b"x": TryCounter(1, NOW)})

    def refuse(counters: object) -> dict[bytes, TryCounter]:
        raise WachtelError(ErrorKind.BUSY, "wait")

    with pytest.raises(WachtelError):
        state.tries.update([b"x"], refuse)
    seen: list[object] = []

    def forgive(counters: Mapping[bytes, TryCounter]) -> dict[bytes, TryCounter]:
        seen.append(dict(counters))
        return {b"x": TryCounter(0, NOW)}

    state.tries.update([b"x"], forgive)
    state.tries.update([b"x"], forgive)
    assert seen == [{b"x": TryCounter(1, NOW)}, {}]


def test_counters_do_not_fill_the_disk(state: State) -> None:
    many = {number.to_bytes(4, "big"): TryCounter(1, WallUs(number)) for number in range(MOST_COUNTERS + 5)}
    state.tries.update([], lambda _: many)
    left: list[int] = []

    def count(counters: Mapping[bytes, TryCounter]) -> dict[bytes, TryCounter]:
        left.append(len(counters))
        return {}

    state.tries.update(list(many)[:10], count)
    assert left == [5]


def test_a_message_is_made_once_and_tried_until_it_arrives(state: State) -> None:
    first, second = OutboxKey("home", "e1", "rule", "hook"), OutboxKey("home", "e2", "rule", "hook")
    assert state.outbox.put(first, NOW)
    assert not state.outbox.put(first, WallUs(NOW + 1))
    assert state.outbox.put(second, WallUs(NOW + 1))
    assert [entry.key for entry in state.outbox.due(WallUs(NOW + 2))] == [first, second]
    state.outbox.failed(first, WallUs(NOW + 60), "no answer")
    assert [entry.key for entry in state.outbox.due(WallUs(NOW + 2))] == [second]
    state.outbox.done(second)
    (entry,) = state.outbox.due(WallUs(NOW + 60))
    assert (entry.tries, entry.last_error, entry.state) == (1, "no answer", OutboxState.WAITING)
    state.outbox.failed(first, None, "gave up")
    assert state.outbox.due(WallUs(NOW + 10**9)) == []
