"""Numbers without gaps, a log that cannot be changed unseen, and one name for each incarnation."""

import asyncio
import hashlib
import json
from datetime import UTC
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import create_engine

from dispatcher import event_log
from dispatcher.actors import Actor, Role, citizen
from dispatcher.database import Store, Tx
from dispatcher.errors import Conflict
from dispatcher.events.facts import CrewChanged, IncidentNoted, ProposalPublished
from dispatcher.events.states import ProposalState, ProposalSummary, SolverNote
from tests.support.stores import ORG, SERVICE, as_one_group, fact, log_of, open_store
from tests.support.world import TUESDAY

UNGUARD = {
    "sqlite": (
        "DROP TRIGGER event_log_no_update",
        "DROP TRIGGER event_log_no_delete",
    ),
    "postgresql": ("DROP TRIGGER event_log_append_only ON event_log",),
}
INCIDENT = UUID(int=7)
ALTERATIONS = {
    "another author": "UPDATE event_log SET actor = 'user:somebody' WHERE seq = {seq}",
    "another kind": "UPDATE event_log SET type = 'crew.moved' WHERE seq = {seq}",
    "another authority": "UPDATE event_log SET org = 'lot' WHERE seq = {seq}",
    "other facts": 'UPDATE event_log SET data = \'{{"state": "off"}}\' WHERE seq = {seq}',
    "another image": "UPDATE event_log SET after = '[{{}}]' WHERE seq = {seq}",
    "another hour": "UPDATE event_log SET at = '2020-01-01 00:00:00' WHERE seq = {seq}",
    "an invented origin": "UPDATE event_log SET simulated = NOT simulated WHERE seq = {seq}",
    "another incident": "UPDATE event_log SET incident_id = NULL WHERE seq = {seq}",
}


async def write(store: Store, count: int) -> None:
    """Store facts about an incident, a few in each group."""
    for _ in range(count):
        noted = IncidentNoted(incident_id=INCIDENT, note_id=UUID(int=8))
        await store.submit(lambda tx: tx.record(noted), SERVICE)  # noqa: B023 - awaited at once


def alter(store: Store, *statements: str) -> None:
    """Change the database behind the service's back."""
    engine = create_engine(store.url)
    with engine.begin() as connection:
        for statement in (*UNGUARD[engine.dialect.name], *statements):
            connection.execute(text(statement.replace(":", r"\:")))
    engine.dispose()


def broken(store: Store) -> list[int]:
    with store.read() as session:
        return list(event_log.broken_links(session, page=3))


def dump(store: Store) -> list[dict[str, object]]:
    with store.read() as session:
        return [row.model_dump() for row in log_of(session)]


async def test_numbers_have_no_gap_even_where_commands_are_refused(either: Store) -> None:
    def refused(tx: Tx) -> None:
        fact(tx)
        raise ZeroDivisionError

    await as_one_group(either, fact, refused, fact, refused, fact)

    with either.read() as session:
        numbers = [row.seq for row in log_of(session)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert broken(either) == []


@pytest.mark.postgres
async def test_two_writers_number_without_gaps_in_the_order_of_their_commits(
    postgres_store: Store,
) -> None:
    with postgres_store.read() as session:
        begun = read = event_log.head(session).seq
    with open_store(postgres_store.url, TUESDAY) as other:
        writers = [
            asyncio.create_task(store.submit(fact, SERVICE))
            for _ in range(60)
            for store in (postgres_store, other)
        ]
        # A reader at the tail must never meet a number whose predecessor comes later.
        while read < begun + len(writers):
            with postgres_store.read() as session:
                for row in event_log.events_after(session, read):
                    assert row.seq == read + 1
                    read = row.seq
            await asyncio.sleep(0)
        await asyncio.gather(*writers)
    assert broken(postgres_store) == []


async def test_an_event_keeps_what_happened_by_whom_and_what_it_led_to(either: Store) -> None:
    def change(tx: Tx) -> None:
        tx.record(CrewChanged(crew_id=INCIDENT, state="off"), _proposal(0.5))

    anna = Actor("user", ORG, UUID(int=3), "Anna", Role.DISPATCHER)
    await either.submit(change, anna)

    with either.read() as session:
        row = log_of(session)[-1]
    assert (row.type, row.actor, row.org, row.at) == (
        "crew.changed",
        f"user:{UUID(int=3)}",
        ORG,
        TUESDAY,
    )
    assert row.data == {"v": 1, "crew_id": str(INCIDENT), "state": "off"}
    assert [image["kind"] for image in row.after] == ["proposal"]
    assert "Anna" not in str(row.model_dump()), "names live in tables that can be erased"


def _proposal(delta: float) -> ProposalState:
    return ProposalState(
        id=INCIDENT,
        ver=1,
        state="open",
        plan_version=1,
        created_at=TUESDAY,
        summary=ProposalSummary(
            crews_changed=0,
            arrivals_moved=0,
            citizens_to_tell=0,
            km_delta=delta,
            cost_delta_min=1e22,
        ),
        lines=[],
        solver=SolverNote(name="improve", elapsed_ms=3.0),
    )


NUMBERS = st.integers(-5, 5) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    NUMBERS | st.integers(-40, 40).map(float) | st.sampled_from(["a.0,b", 'x.0"}', "e+22]"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
)


def _as_read_back(value: Any) -> Any:
    """Return JSON as a database may give it back: whole numbers as integers."""
    if isinstance(value, dict):
        return {name: _as_read_back(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_as_read_back(one) for one in value]
    return int(value) if isinstance(value, float) and value == int(value) else value


@given(value=VALUES)
def test_a_hash_does_not_tell_5_0_from_5(value: Any) -> None:
    row = {"seq": 1, "id": INCIDENT, "org": ORG, "type": "t", "actor": "a", "incident_id": None}
    row |= {"at": TUESDAY, "recorded_at": TUESDAY, "simulated": False, "after": []}

    written = event_log.chain_hash("0", row | {"data": {"is": value}})

    assert written == event_log.chain_hash("0", row | {"data": {"is": _as_read_back(value)}})


@pytest.mark.parametrize("delta", [-0.0, 5.0, 0.1 + 0.2])
async def test_a_number_that_a_store_writes_in_its_own_way_breaks_no_link(
    either: Store, delta: float
) -> None:
    published = ProposalPublished(proposal_id=INCIDENT, plan_version=1, lines=0)
    await either.submit(lambda tx: tx.record(published, _proposal(delta)), SERVICE)

    assert broken(either) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event_log SET actor = 'nobody'",
        "DELETE FROM event_log WHERE seq = 1",
    ],
)
async def test_the_log_can_only_be_appended_to(either: Store, statement: str) -> None:
    def tamper(tx: Tx) -> None:
        tx.session.execute(text(statement))

    await write(either, 1)
    before = dump(either)
    with pytest.raises((DBAPIError, Conflict)):
        await either.submit(tamper, SERVICE)
    assert dump(either) == before


async def test_a_row_cannot_be_replaced_by_another_of_its_number(sqlite_copy: str) -> None:
    # SQLite's REPLACE deletes without asking the trigger that guards against deletes.
    statement = "REPLACE INTO event_log SELECT * FROM event_log WHERE seq = 1"
    with open_store(sqlite_copy, TUESDAY) as store, pytest.raises(Conflict):
        await store.submit(lambda tx: tx.session.execute(text(statement)), SERVICE)


@pytest.mark.postgres
async def test_the_log_cannot_be_emptied(postgres_store: Store) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        await postgres_store.submit(
            lambda tx: tx.session.execute(text("TRUNCATE event_log")), SERVICE
        )


@pytest.mark.parametrize("alteration", ALTERATIONS)
async def test_exactly_the_altered_row_is_named(either: Store, alteration: str) -> None:
    await write(either, 6)
    with either.read() as session:
        victim = event_log.head(session).seq - 3

    alter(either, ALTERATIONS[alteration].format(seq=victim))

    assert broken(either) == [victim]


async def test_a_removed_tail_is_named(either: Store) -> None:
    await write(either, 4)
    with either.read() as session:
        last = event_log.head(session).seq

    alter(either, f"DELETE FROM event_log WHERE seq > {last - 2}")

    assert broken(either) == [last]


async def test_a_removed_row_is_named_by_the_one_after_it(either: Store) -> None:
    await write(either, 4)
    with either.read() as session:
        last = event_log.head(session).seq

    alter(either, f"DELETE FROM event_log WHERE seq = {last - 2}")

    assert broken(either) == [last - 1]


async def test_an_untouched_log_is_whole(either: Store) -> None:
    await write(either, 7)

    assert broken(either) == []


async def test_the_epoch_names_one_incarnation_of_the_log(either: Store) -> None:
    with either.read() as session:
        before = event_log.head(session)
    await either.submit(lambda tx: event_log.found_log(tx.session), SERVICE)
    await either.submit(fact, SERVICE)

    with either.read() as session:
        after = event_log.head(session)
    assert after.epoch == before.epoch != ""
    assert after.seq == before.seq + 1


async def test_what_the_simulation_does_is_marked(either: Store) -> None:
    await either.submit(fact, Actor("simulation", ORG))
    await either.submit(fact, citizen(ORG))

    with either.read() as session:
        invented, real = log_of(session)[-2:]
    assert (invented.simulated, invented.actor) == (True, "simulation")
    assert (real.simulated, real.actor) == (False, "citizen")


async def test_the_history_of_an_incident_is_told_in_order(either: Store) -> None:
    await write(either, 3)
    await either.submit(fact, SERVICE)

    with either.read() as session:
        told = [row.seq for row in event_log.history_of(session, INCIDENT, limit=2)]
        last = event_log.head(session).seq
    assert told == [last - 2, last - 1]


async def test_a_consumer_reads_on_after_its_position(either: Store) -> None:
    await write(either, 4)

    with either.read() as session:
        last = event_log.head(session).seq
        assert [row.seq for row in event_log.events_after(session, last - 3, limit=2)] == [
            last - 2,
            last - 1,
        ]
        assert list(event_log.events_after(session, last)) == []


async def test_the_hash_is_of_the_row_as_canonical_json(either: Store) -> None:
    await write(either, 1)
    await either.submit(
        lambda tx: tx.record(IncidentNoted(incident_id=INCIDENT, note_id=UUID(int=9))),
        Actor("user", org='Éloïse "la \\ voix"'),
    )
    previous = event_log.GENESIS
    with either.read() as session:
        rows = log_of(session)
    for row in rows:
        instants = {
            name: getattr(row, name).astimezone(UTC).isoformat(timespec="microseconds")
            for name in ("at", "recorded_at")
        }
        body = row.model_dump(exclude={"hash"}) | instants
        body |= {"id": str(row.id), "incident_id": str(row.incident_id)}
        text_ = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert row.hash == hashlib.sha256((previous + text_).encode()).hexdigest()
        previous = row.hash
