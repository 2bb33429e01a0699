"""The one place where it is decided who may do what. What is not allowed here is denied."""

from wachtel.model.access import Permission, Principal, Scope

_REACH = {Scope.VIEW: Permission.VIEW, Scope.CONTROL: Permission.CONTROL, Scope.ADMIN: Permission.ADMIN}


def may(principal: Principal | None, permission: Permission, site: str | None) -> bool:
    """True when ``principal`` (None: nobody logged in) has ``permission`` on something at ``site``.

    ``site`` None means the installation as a whole, which takes somebody who is not limited to some sites.
    """
    if permission is Permission.PUBLIC:
        return True
    if principal is None or permission > _REACH[principal.scope]:
        return False
    return principal.sites is None or (site is not None and site in principal.sites)


def may_somewhere(principal: Principal | None, permission: Permission) -> bool:
    """True when there can be a site at which `may` says yes: for lists, whose rows are then asked one by
    one.
    """
    if principal is None or principal.sites is None:
        return may(principal, permission, None)
    return any(may(principal, permission, site) for site in principal.sites)
