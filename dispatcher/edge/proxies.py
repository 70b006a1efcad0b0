"""Who really asks, when reverse proxies stand in between.

A header is believed only from an address that the settings name, and of the addresses it lists only
what trusted proxies have added: the first one from the right that is none of them. Everything to
the left of it is whatever the caller made up.
"""

from collections.abc import Iterable, MutableMapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

Address = IPv4Address | IPv6Address
Scope = MutableMapping[str, Any]

SECURE = {"http": "https", "ws": "wss"}


class TrustedProxies:
    """Rewrites `client` and `scheme` of a connection to what its trusted proxies say."""

    def __init__(self, trusted: Iterable[str]) -> None:
        """Trust addresses and networks, e.g. `127.0.0.1`, `10.0.0.0/24`; none to trust nobody."""
        self._networks = [ip_network(one, strict=False) for one in trusted]

    def reveal(self, scope: Scope) -> Scope:
        """Return the connection as its caller made it; the same one when nothing is to be said."""
        peer = _parse(str((scope.get("client") or ("",))[0]))
        if peer is None or not self._is_trusted(peer):
            return scope
        listed = ",".join(_values(scope, b"x-forwarded-for")).split(",")
        caller = self._caller(peer, listed)
        schemes = ",".join(_values(scope, b"x-forwarded-proto")).split(",")
        scheme = str(scope.get("scheme", ""))
        if schemes[-1].strip().lower() in {"https", "wss"}:
            scheme = SECURE.get(scheme, scheme)
        return {**scope, "client": (str(caller), 0), "scheme": scheme}

    def _caller(self, peer: Address, listed: list[str]) -> Address:
        caller = peer
        for text in reversed(listed):
            if not self._is_trusted(caller):
                break
            named = _parse(text)
            if named is None:
                break
            caller = named
        return caller

    def _is_trusted(self, address: Address) -> bool:
        return any(address in network for network in self._networks)


def _values(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope.get("headers", ()) if key == name]


@lru_cache(maxsize=1024)
def _parse(text: str) -> Address | None:
    """Return an address as proxies write it, with or without brackets and port."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address
