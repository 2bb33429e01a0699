"""Who may do what: the whole table."""

from itertools import product

import pytest

from wachtel.accounts.authorisation import may, may_somewhere
from wachtel.accounts.passwords import check_new_password, hash_password, verify_password
from wachtel.accounts.tokens import digest_secret
from wachtel.base.errors import WachtelError
from wachtel.model.access import Permission, Principal, Scope

REACH = {
    Scope.VIEW: {Permission.PUBLIC, Permission.VIEW},
    Scope.CONTROL: {Permission.PUBLIC, Permission.VIEW, Permission.CONTROL},
    Scope.ADMIN: set(Permission),
}


@pytest.mark.parametrize("permission", list(Permission))
def test_nobody_may_only_what_is_public(permission: Permission) -> None:
    for site in (None, "home"):
        assert may(None, permission, site) is (permission is Permission.PUBLIC)
    assert may_somewhere(None, permission) is (permission is Permission.PUBLIC)


@pytest.mark.parametrize(("scope", "permission"), list(product(Scope, Permission)))
def test_scopes_contain_each_other(scope: Scope, permission: Permission) -> None:
    everywhere = Principal("1", "Anna", scope)
    allowed = permission in REACH[scope]
    assert may(everywhere, permission, "home") is allowed
    assert may(everywhere, permission, None) is allowed
    assert may_somewhere(everywhere, permission) is allowed


@pytest.mark.parametrize(("scope", "permission"), list(product(Scope, Permission)))
def test_sites_limit_every_scope(scope: Scope, permission: Permission) -> None:
    guest = Principal("2", "Gast", scope, frozenset({"caravan"}))
    allowed = permission in REACH[scope]
    assert may(guest, permission, "caravan") is allowed
    assert may_somewhere(guest, permission) is allowed
    for site in ("home", "", "Caravan", None):
        assert may(guest, permission, site) is (permission is Permission.PUBLIC)


def test_no_site_is_no_right() -> None:
    nowhere = Principal("3", "Gast", Scope.ADMIN, frozenset())
    assert not may_somewhere(nowhere, Permission.VIEW)
    assert not may(nowhere, Permission.VIEW, "home")


def test_passwords() -> None:
    hashed = hash_password("richtig")
    assert hashed.startswith("$argon2id$")
    assert verify_password(hashed, "richtig")
    assert not verify_password(hashed, "falsch")
    assert not verify_password(None, "richtig")
    assert not verify_password("no hash", "richtig")
    assert not verify_password(None, "")


def test_passwords_that_are_none() -> None:
    check_new_password("8 Zeichen")
    for password in ("", "1234567", "x" * 1001):
        with pytest.raises(WachtelError) as caught:
            check_new_password(password)
        assert caught.value.details["field"] == "password"


def test_digest_secrets() -> None:
    """The values were computed with ``printf ha:Wachtel:token | md5sum`` and ``sha256sum``."""
    secret = digest_secret("ha", "token")
    assert secret.md5 == "b5865f01edc2138cd4285a2d4ffee23a"
    assert secret.sha256 == "db0c34835c5b9f48a49334ee85be6f747ef9e6861090bd740fa59f00171cc4d7"
