"""A consumer's position in the log moves with its work, or not at all."""

import asyncio

import pytest

from dispatcher import cursors, event_log
from dispatcher.cursors import BATCH
from dispatcher.database import Store, Tx
from dispatcher.errors import Conflict
from dispatcher.models import EventRow
from tests.support.stores import SERVICE, as_one_group, fact, mark, marks, open_store
from tests.support.world import TUESDAY

NAME = "reader"


async def catch_up(store: Store) -> list[int]:
    """Follow the log to its end and return the numbers seen."""
    seen: list[int] = []

    def step(tx: Tx) -> int:
        return cursors.follow(tx, NAME, lambda rows: seen.extend(row.seq for row in rows))

    while await store.submit(step, SERVICE):
        pass
    return seen


def last_seq(store: Store) -> int:
    with store.read() as session:
        return event_log.head(session).seq


async def test_a_new_consumer_starts_at_the_beginning_and_sees_all_in_order(either: Store) -> None:
    await as_one_group(either, *[fact] * 5)

    assert await catch_up(either) == list(range(1, last_seq(either) + 1))


async def test_a_consumer_goes_on_where_it_stopped(either: Store) -> None:
    await catch_up(either)
    before = last_seq(either)
    await either.submit(fact, SERVICE)

    assert await catch_up(either) == [before + 1]
    assert await catch_up(either) == []


async def test_a_step_takes_a_bounded_bite(either: Store) -> None:
    def many(tx: Tx) -> None:
        for _ in range(BATCH + 5):
            fact(tx)

    await either.submit(many, SERVICE)

    sizes = []
    while size := await either.submit(lambda tx: cursors.follow(tx, NAME, lambda _: None), SERVICE):
        sizes.append(size)
    assert max(sizes) == BATCH
    assert sum(sizes) == last_seq(either)


async def test_a_consequence_that_fails_leaves_the_position_where_it_was(either: Store) -> None:
    await catch_up(either)
    await either.submit(fact, SERVICE)

    def stumble(tx: Tx) -> int:
        def act(_rows: object) -> None:
            mark("half done")(tx)
            raise Conflict

        return cursors.follow(tx, NAME, act)

    with pytest.raises(Conflict):
        await either.submit(stumble, SERVICE)
    with either.read() as session:
        assert "half done" not in marks(session)
    assert await catch_up(either) == [last_seq(either)]


async def test_consumers_do_not_share_a_position(either: Store) -> None:
    await catch_up(either)
    seen: list[EventRow] = []

    await either.submit(lambda tx: cursors.follow(tx, "another", seen.extend), SERVICE)

    assert seen[0].seq == 1


@pytest.mark.postgres
async def test_two_processes_act_on_each_event_once(postgres_store: Store) -> None:
    await catch_up(postgres_store)
    before = last_seq(postgres_store)
    await as_one_group(postgres_store, *[fact] * 40)
    seen: list[int] = []

    def step(tx: Tx) -> int:
        # The work happens in the database, so only a committed step counts.
        return cursors.follow(tx, NAME, lambda rows: seen.extend(row.seq for row in rows))

    with open_store(postgres_store.url, TUESDAY) as other:
        await asyncio.gather(
            *(store.submit(step, SERVICE) for _ in range(5) for store in (postgres_store, other))
        )
    assert seen == list(range(before + 1, before + 41))
