"""Who really asks behind proxies: what callers make up changes nothing."""

import pytest

from dispatcher.edge.proxies import TrustedProxies
from tests.support.world import World, settings_for

NETS = ("127.0.0.1", "::1", "10.0.0.0/24")


def revealed(peer: str, *forwarded: str, proto: str | None = None) -> tuple[str, str]:
    headers = [(b"x-forwarded-for", value.encode("latin-1")) for value in forwarded]
    if proto is not None:
        headers.append((b"x-forwarded-proto", proto.encode()))
    scope = {"type": "http", "scheme": "http", "client": (peer, 1234), "headers": headers}
    seen = TrustedProxies(NETS).reveal(scope)
    return seen["client"][0], seen["scheme"]


@pytest.mark.parametrize(
    ("peer", "forwarded", "caller"),
    [
        # Nobody but a trusted proxy is believed.
        ("203.0.113.5", ["192.0.2.1"], "203.0.113.5"),
        ("10.0.1.1", ["192.0.2.1"], "10.0.1.1"),
        ("127.0.0.1", ["192.0.2.1"], "192.0.2.1"),
        ("10.0.0.7", ["192.0.2.1"], "192.0.2.1"),
        ("::1", ["2001:db8::7"], "2001:db8::7"),
        # What the caller sent itself stands to the left of what the proxy added.
        ("127.0.0.1", ["198.51.100.1, 192.0.2.1"], "192.0.2.1"),
        ("127.0.0.1", ["127.0.0.1, 10.0.0.1, 192.0.2.1"], "192.0.2.1"),
        ("127.0.0.1", ["198.51.100.1", "192.0.2.1"], "192.0.2.1"),
        # A chain of proxies, all ours.
        ("127.0.0.1", ["198.51.100.1, 192.0.2.1, 10.0.0.9"], "192.0.2.1"),
        ("127.0.0.1", ["10.0.0.8, 10.0.0.9"], "10.0.0.8"),
        # Spellings, and nonsense where an address should be.
        ("127.0.0.1", ["192.0.2.1:4711"], "192.0.2.1"),
        ("127.0.0.1", ["[2001:db8::7]:4711"], "2001:db8::7"),
        ("::ffff:127.0.0.1", ["::ffff:192.0.2.1"], "192.0.2.1"),
        ("127.0.0.1", ["unknown"], "127.0.0.1"),
        ("127.0.0.1", ["198.51.100.1, _hidden, 10.0.0.9"], "10.0.0.9"),
        ("127.0.0.1", [""], "127.0.0.1"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["é, \x00, 999.1.1.1"], "127.0.0.1"),
    ],
)
def test_the_caller_is_the_first_from_the_right_that_is_no_proxy_of_ours(
    peer: str, forwarded: list[str], caller: str
) -> None:
    assert revealed(peer, *forwarded)[0] == caller


def test_the_scheme_is_what_a_trusted_proxy_says() -> None:
    assert revealed("127.0.0.1", proto="https")[1] == "https"
    assert revealed("127.0.0.1", proto="http")[1] == "http"
    assert revealed("203.0.113.5", proto="https")[1] == "http"


def test_a_connection_without_an_address_stays_as_it_is() -> None:
    scope = {"type": "http", "client": None, "headers": [(b"x-forwarded-for", b"192.0.2.1")]}

    assert TrustedProxies(NETS).reveal(scope) is scope


def test_a_network_that_is_none_is_refused_at_start() -> None:
    with pytest.raises(ValueError, match="trusted_proxies"):
        settings_for("sqlite://", trusted_proxies=("proxy.example",))


async def test_a_caller_cannot_choose_whom_limits_count(sqlite_copy: str) -> None:
    """A proxy that only appends leaves what the caller sent: each time another made-up address."""
    world = World(sqlite_copy, behind_proxy=True, reports_per_minute=2)
    world.service.store.start()
    async with world.client() as citizen:
        answers = [
            await citizen.post(
                "/api/v1/reports",
                json={"text": "fuite"},
                headers={
                    "Idempotency-Key": f"0123456789abcdef{number}",
                    "X-Forwarded-For": f"198.51.100.{number}, 192.0.2.1",
                },
            )
            for number in range(3)
        ]
    world.service.store.stop()
    assert [answer.status_code for answer in answers] == [201, 201, 429]


async def test_one_network_of_ipv6_is_one_caller(sqlite_copy: str) -> None:
    world = World(sqlite_copy, behind_proxy=True, reports_per_minute=2)
    world.service.store.start()
    async with world.client() as citizen:
        answers = [
            await citizen.post(
                "/api/v1/reports",
                json={"text": "fuite"},
                headers={
                    "Idempotency-Key": f"0123456789abcdef{number}",
                    "X-Forwarded-For": f"2001:db8:1:{number // 3}::{number}",
                },
            )
            for number in range(4)
        ]
    world.service.store.stop()
    assert [answer.status_code for answer in answers] == [201, 201, 429, 201]
