"""Images without a table: one row each, a version for each change, nothing when nothing changed."""

from collections.abc import Callable
from uuid import UUID

from dispatcher.database import Store, Tx
from dispatcher.events.facts import OnCallChanged
from dispatcher.events.states import OnCallState
from dispatcher.kept import keep
from dispatcher.models import KeptState
from tests.support.stores import ORG, SERVICE, log_of


def on_call(*, service_hours: bool) -> Callable[[Tx], bool]:
    def build(ver: int) -> OnCallState:
        return OnCallState(id=UUID(int=0), ver=ver, service_hours=service_hours, now=[], next=[])

    return lambda tx: keep(tx, build, OnCallChanged())


def kept(store: Store) -> KeptState:
    with store.read() as session:
        return session.get_one(KeptState, f"oncall:{ORG}")


async def test_the_first_image_is_version_one_and_a_fact(either: Store) -> None:
    assert await either.submit(on_call(service_hours=True), SERVICE)

    assert (kept(either).ver, kept(either).state["service_hours"]) == (1, True)
    with either.read() as session:
        told = log_of(session)[-1]
    assert (told.type, told.after[0]["ver"]) == ("oncall.changed", 1)


async def test_the_same_image_again_is_nothing_new(either: Store) -> None:
    await either.submit(on_call(service_hours=True), SERVICE)
    with either.read() as session:
        before = len(log_of(session))

    assert not await either.submit(on_call(service_hours=True), SERVICE)

    with either.read() as session:
        assert len(log_of(session)) == before
    assert kept(either).ver == 1


async def test_each_change_is_the_next_version(either: Store) -> None:
    for is_open in (True, False, True):
        assert await either.submit(on_call(service_hours=is_open), SERVICE)

    assert (kept(either).ver, kept(either).state["ver"]) == (3, 3)
    with either.read() as session:
        told = [row.after[0]["ver"] for row in log_of(session) if row.type == "oncall.changed"]
    assert told == [1, 2, 3]
