"""Logging in, by password and by link; slow-down; log-out."""

from conftest import ORIGIN, House

from wachtel.accounts.members import Members
from wachtel.accounts.passwords import hash_password
from wachtel.model.access import Scope

PASSWORD = "richtig-canary"
HASH = hash_password(PASSWORD)


def with_anna(house: House) -> House:
    Members(house.state, house.clock).add("Anna", Scope.ADMIN, HASH)
    return house


def test_first_run_makes_the_owner_once(house: House) -> None:
    client = house.client()
    assert client.get("/api/v1/session").json() == {"account": None, "first_run": True}
    token = house.links().offer_first_run()
    body = {"token": token, "name": "Anna", "password": PASSWORD}
    short = client.post("/api/v1/first-run", json=body | {"password": "kurz"})
    assert (short.status_code, short.json()["error"]["details"]["field"]) == (422, "password")
    made = client.post("/api/v1/first-run", json=body)
    assert made.status_code == 200
    assert made.json()["account"]["name"] == "Anna"
    assert made.json()["account"]["scope"] == "admin"
    assert client.get("/api/v1/cameras").status_code == 200
    again = house.client().post("/api/v1/first-run", json=body | {"name": "Eve"})
    assert again.status_code == 403
    assert house.links().offer_first_run() is None
    assert house.client().get("/api/v1/session").json() == {"account": None, "first_run": False}


def test_a_new_first_run_link_makes_the_old_one_worthless(house: House) -> None:
    old = house.links().offer_first_run()
    house.links().offer_first_run()
    body = {"token": old, "name": "Eve", "password": PASSWORD}
    assert house.client().post("/api/v1/first-run", json=body).status_code == 403


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(house: House) -> None:
    answer = with_anna(house).client().post("/api/v1/session", json={"name": "anna", "password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    for word in ("wachtel_session=", "httponly", "samesite=strict", "path=/"):
        assert word in cookie
    assert "secure" not in cookie


def test_log_in_and_out(house: House) -> None:
    client = with_anna(house).client()
    assert client.post("/api/v1/session", json={"name": "ANNA ", "password": PASSWORD}).status_code == 200
    assert client.get("/api/v1/session").json()["account"]["name"] == "Anna"
    stolen = client.cookies["wachtel_session"]
    assert client.delete("/api/v1/session", headers={"origin": ORIGIN}).status_code == 204
    thief = house.client()
    thief.cookies["wachtel_session"] = stolen
    assert thief.get("/api/v1/cameras").status_code == 401


def test_a_wrong_name_and_a_wrong_password_look_the_same(house: House) -> None:
    client = with_anna(house).client()
    answers = [
        client.post("/api/v1/session", json={"name": name, "password": "falsch"}) for name in ("Anna", "Bert")
    ]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].json() == answers[1].json()


def test_too_many_tries_wait_and_leave_others_alone(house: House) -> None:
    client = with_anna(house).client(address="192.168.1.66")
    wrong = {"name": "Anna", "password": "falsch"}
    assert {client.post("/api/v1/session", json=wrong).status_code for _ in range(5)} == {401}
    refused = client.post("/api/v1/session", json={"name": "Anna", "password": PASSWORD})
    assert refused.status_code == 429
    assert int(refused.json()["error"]["details"]["wait_s"]) >= 1
    assert refused.headers["retry-after"] == refused.json()["error"]["details"]["wait_s"]
    other = house.client(address="192.168.1.10")
    assert other.post("/api/v1/session", json={"name": "Anna", "password": PASSWORD}).status_code == 200
    house.clock.advance(2)
    assert client.post("/api/v1/session", json={"name": "Anna", "password": PASSWORD}).status_code == 200


def test_the_demo_link_works_several_times_until_it_is_withdrawn(house: House) -> None:
    token = house.links().offer_demo()
    for _ in range(2):
        client = house.client()
        assert client.post("/api/v1/login-link", json={"token": token}).status_code == 200
        assert client.get("/api/v1/events").status_code == 200
    house.links().withdraw_demo()
    assert house.client().post("/api/v1/login-link", json={"token": token}).status_code == 403


def test_the_demo_account_has_no_password_to_guess(house: House) -> None:
    house.links().offer_demo()
    for password in ("", "Demo", "None"):
        answer = house.client().post("/api/v1/session", json={"name": "Demo", "password": password})
        assert answer.status_code == 401


def test_a_session_ends_when_it_was_not_used_for_a_month(house: House) -> None:
    client = with_anna(house).client()
    client.post("/api/v1/session", json={"name": "Anna", "password": PASSWORD})
    house.clock.advance(29 * 86400)
    assert client.get("/api/v1/cameras").status_code == 200
    house.clock.advance(31 * 86400)
    assert client.get("/api/v1/cameras").status_code == 401


def test_a_removed_person_is_out_at_once(house: House) -> None:
    client = with_anna(house).client()
    client.post("/api/v1/session", json={"name": "Anna", "password": PASSWORD})
    bert = Members(house.state, house.clock).add("Bert", Scope.ADMIN, HASH)
    anna = house.state.accounts.named("Anna")
    assert anna is not None
    control = house.control()
    assert control.delete(f"/api/v1/accounts/{anna.id}").status_code == 204
    assert client.get("/api/v1/cameras").status_code == 401
    assert control.delete(f"/api/v1/accounts/{bert.id}").status_code == 409


def test_a_browser_that_comes_back_stays_logged_in(house: House) -> None:
    client = with_anna(house).client()
    client.post("/api/v1/session", json={"name": "Anna", "password": PASSWORD})
    answer = client.get("/api/v1/session")
    assert f"wachtel_session={client.cookies['wachtel_session']}" in answer.headers["set-cookie"]
    assert "max-age=2592000" in answer.headers["set-cookie"].lower()
    assert "set-cookie" not in house.client(house.token(Scope.VIEW)).get("/api/v1/session").headers


def test_changing_ones_own_password(house: House) -> None:
    client, other = with_anna(house).client(), house.client()
    for each in (client, other):
        each.post("/api/v1/session", json={"name": "Anna", "password": PASSWORD})
    body = {"password": PASSWORD, "new_password": "neu-und-lang"}
    wrong = client.patch("/api/v1/session", json=body | {"password": "falsch"}, headers={"origin": ORIGIN})
    assert wrong.status_code == 401
    short = client.patch("/api/v1/session", json=body | {"new_password": "kurz"}, headers={"origin": ORIGIN})
    assert short.json()["error"]["details"]["field"] == "new_password"
    assert client.patch("/api/v1/session", json=body).status_code == 403
    assert client.patch("/api/v1/session", json=body, headers={"origin": ORIGIN}).status_code == 200
    assert client.get("/api/v1/cameras").status_code == 200
    assert other.get("/api/v1/cameras").status_code == 401
    assert other.post("/api/v1/session", json={"name": "Anna", "password": PASSWORD}).status_code == 401
    assert other.post("/api/v1/session", json={"name": "Anna", "password": "neu-und-lang"}).status_code == 200


def test_a_program_has_no_password_to_change(house: House) -> None:
    body = {"password": PASSWORD, "new_password": "neu-und-lang"}
    assert house.client(house.token(Scope.ADMIN)).patch("/api/v1/session", json=body).status_code == 409


def test_a_demo_does_not_keep_the_owner_out(house: House) -> None:
    demo = house.links().offer_demo()
    assert house.client().get("/api/v1/session").json()["first_run"] is False
    token = house.links().offer_first_run()
    assert house.client().post("/api/v1/login-link", json={"token": demo}).status_code == 403
    body = {"token": token, "name": "Anna", "password": PASSWORD}
    assert house.client().post("/api/v1/first-run", json=body).status_code == 200


def test_an_administrator_helps_out(house: House) -> None:
    control = with_anna(house).control()
    anna = house.state.accounts.named("Anna")
    assert anna is not None
    path = f"/api/v1/accounts/{anna.id}"
    assert control.patch(path, json={"scope": "view"}).status_code == 409
    assert control.patch(path, json={"password": "neu-und-lang"}).status_code == 200
    control.post("/api/v1/accounts", json={"name": "Bert", "password": "lang-genug", "scope": "admin"})
    assert control.patch(path, json={"scope": "view"}).json()["scope"] == "view"
    assert control.patch("/api/v1/accounts/x", json={"scope": "view"}).status_code == 404
    assert control.patch("/api/v1/accounts/x", json={"password": "neu-und-lang"}).status_code == 404
    assert control.patch("/api/v1/accounts/x", json={}).status_code == 404
