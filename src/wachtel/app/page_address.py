"""Under which address people reach the page: as the owner said, else as this machine can find out."""

from ipaddress import ip_address

from wachtel.cameras.discovery.networks import local_networks

DEFAULT_PORTS = {"http": 80, "https": 443}


def guessed(url: str, host: str, names: frozenset[str]) -> str:
    """From the address the server listens on (``url``), the ``host`` it was told, and further names of the page.

    A name the owner gave is best; else, when others can reach us at all, our address in the own network. A server that
    only this machine can reach is opened on this machine. Without a slash at the end.
    """
    scheme, _, rest = url.rstrip("/").partition("://")
    port = int(rest.rpartition(":")[2])
    if names:
        # Behind a proxy the port is the usual one of TLS.
        name = min(names, key=lambda one: (one.endswith(".local"), one))
        return f"https://{name}" if scheme == "http" else _joined(scheme, name, port)
    if not _every_address(host):
        return _joined(scheme, host, port)
    own = [address for address, _network in local_networks()]
    return _joined(scheme, own[0] if own else "127.0.0.1", port)


def _every_address(host: str) -> bool:
    try:
        return ip_address(host).is_unspecified
    except ValueError:
        return False


def _joined(scheme: str, host: str, port: int) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}" if port == DEFAULT_PORTS[scheme] else f"{scheme}://{shown}:{port}"
