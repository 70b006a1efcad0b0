"""A rota goes from rows to rows: lawful, versioned, published, and somebody always on call."""

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import col, select

from dispatcher.actors import system
from dispatcher.clock import FrozenClock
from dispatcher.database import Store
from dispatcher.errors import Conflict, InvalidInput, NotFound
from dispatcher.models import EventRow, OnCallDuty, OnCallPerson, Rota
from dispatcher.oncall import commands
from dispatcher.oncall import snapshot as snapshots
from dispatcher.oncall.board import on_call_state, refresh_on_call
from dispatcher.oncall.generation import Wanted, generate
from dispatcher.oncall.snapshot import Horizon, duty_id
from dispatcher.oncall.starting import first_rota
from scheduling.rota.check import check
from scheduling.rota.solution import Rota as EngineRota
from tests.dispatcher.oncall.conftest import put_policy

PARIS = ZoneInfo("Europe/Paris")
ACTOR = system("correze")


def make(store: Store, start: date | None = None, weeks: int = 6, *, publish: bool = True) -> UUID:
    return generate(store, ACTOR, Wanted(Horizon(start, weeks, "Europe/Paris"), publish))


def rows(store: Store, rota_id: UUID) -> list[OnCallDuty]:
    with store.read() as session:
        query = select(OnCallDuty).where(OnCallDuty.rota_id == rota_id)
        return list(session.exec(query.order_by(col(OnCallDuty.start_at))).all())


def rota(store: Store, rota_id: UUID) -> Rota:
    with store.read() as session:
        return session.get_one(Rota, rota_id)


def test_a_generated_rota_is_stored_with_lawful_duties_for_every_post_and_week(
    store: Store, clock: FrozenClock
) -> None:
    with store.read() as session:
        taken = snapshots.take(session, "correze", clock.now(), Horizon(None, 6, "Europe/Paris"))
    rota_id = make(store)
    stored = rows(store, rota_id)
    answer = EngineRota.of((duty_id(d.post, d.week), str(d.person_id)) for d in stored)
    assert check(taken.problem, answer) == ()
    assert Counter(d.post for d in stored) == {"operations": 6, "decision": 6}
    assert {
        (d.start_at.astimezone(PARIS).weekday(), d.start_at.astimezone(PARIS).hour) for d in stored
    } == {(0, 8)}


def test_the_first_rota_begins_with_the_week_that_is_running_so_that_somebody_is_on_call(
    store: Store, clock: FrozenClock
) -> None:
    store.submit_wait(put_policy, ACTOR)
    store.submit_wait(first_rota, ACTOR, deadline_s=60)
    store.submit_wait(refresh_on_call, ACTOR)
    with store.read() as session:
        state = on_call_state(session, "correze")
    assert [(turn.post, turn.until) for turn in state.now] == [
        ("operations", datetime(2026, 11, 30, 8, tzinfo=PARIS)),
        ("decision", datetime(2026, 11, 30, 8, tzinfo=PARIS)),
    ]
    assert [turn.post for turn in state.next] == ["operations", "decision"]
    assert {turn.person for turn in state.now}.isdisjoint(turn.person for turn in state.next)


def test_a_second_first_rota_changes_nothing(store: Store) -> None:
    store.submit_wait(first_rota, ACTOR, deadline_s=60)
    store.submit_wait(first_rota, ACTOR, deadline_s=60)
    with store.read() as session:
        assert len(session.exec(select(Rota)).all()) == 1


def test_the_next_rota_begins_next_monday_and_who_is_on_call_keeps_the_turn(
    store: Store, clock: FrozenClock
) -> None:
    first = make(store)
    holders = {d.post: d.person_id for d in rows(store, first)[:2]}
    second = make(store)
    assert rota(store, first).state == "superseded"
    assert (rota(store, second).state, rota(store, second).number) == ("published", 2)
    assert rota(store, second).starts_on == date(2026, 11, 30)
    running = [d for d in rows(store, second) if d.start_at <= clock.now() < d.end_at]
    assert {d.post: d.person_id for d in running} == holders
    after = [d for d in rows(store, second) if d.week == "2026-W49"]
    assert {d.person_id for d in after}.isdisjoint(holders.values())


def test_a_rota_looks_back_at_the_turns_of_the_one_before(store: Store, clock: FrozenClock) -> None:
    first = make(store, weeks=3)
    last_holders = {d.person_id for d in rows(store, first) if d.week == "2026-W50"}
    clock.advance(timedelta(weeks=2))
    second = make(store, weeks=3)
    first_holders = {d.person_id for d in rows(store, second) if d.week == "2026-W51"}
    assert first_holders
    assert first_holders.isdisjoint(last_holders)


def test_accounts_carry_over_from_rota_to_rota(store: Store, clock: FrozenClock) -> None:
    first = make(store, weeks=4)
    counters: dict[str, dict[str, Any]] = {c["person_id"]: c for c in rota(store, first).counters}
    clock.advance(timedelta(weeks=4))
    with store.read() as session:
        taken = snapshots.take(session, "correze", clock.now(), Horizon(None, 4, "Europe/Paris"))
    for carry in taken.problem.carries:
        ended_with = 100 * counters[carry.person_id]["deviation"]
        assert carry.points == pytest.approx(ended_with, abs=1)


def test_before_any_rota_accounts_are_those_of_the_reference_data(
    store: Store, clock: FrozenClock
) -> None:
    with store.read() as session:
        taken = snapshots.take(session, "correze", clock.now(), Horizon(None, 4, "Europe/Paris"))
        names = {str(p.id): p.code for p in session.exec(select(OnCallPerson)).all()}
    points = {names[carry.person_id]: carry.points for carry in taken.problem.carries}
    assert points["operations-1"] == 50
    assert points["operations-2"] == 0


def test_leave_from_a_monday_costs_neither_the_week_before_nor_the_one_of_the_return(
    store: Store, clock: FrozenClock
) -> None:
    with store.read() as session:
        taken = snapshots.take(session, "correze", clock.now(), Horizon(None, 6, "Europe/Paris"))
    (absence,) = taken.problem.absences
    hit = {
        duty.id
        for duty in taken.problem.duties
        if duty.start_at < absence.end_at and absence.start_at < duty.end_at
    }
    assert hit == {
        duty_id(p, w) for p in ("operations", "decision") for w in ("2026-W50", "2026-W51")
    }


def test_a_draft_waits_for_its_publication(store: Store) -> None:
    published = make(store)
    draft = make(store, publish=False)
    assert rota(store, draft).state == "draft"
    assert rota(store, published).state == "published"
    store.submit_wait(lambda tx: commands.publish_rota(tx, draft).id, ACTOR)
    assert rota(store, draft).state == "published"
    assert rota(store, published).state == "superseded"
    with pytest.raises(Conflict):
        store.submit_wait(lambda tx: commands.publish_rota(tx, draft).id, ACTOR)


def test_a_rota_computed_beside_one_that_was_replaced_meanwhile_is_not_published(
    store: Store,
) -> None:
    beside = make(store)
    draft = make(store, publish=False)
    make(store)
    with pytest.raises(Conflict):
        store.submit_wait(lambda tx: commands.publish_rota(tx, draft, beside).id, ACTOR)


def test_another_authority_finds_no_rota_here(store: Store) -> None:
    draft = make(store, publish=False)
    with pytest.raises(NotFound):
        store.submit_wait(lambda tx: commands.publish_rota(tx, draft).id, system("creuse"))
    with pytest.raises(InvalidInput):
        generate(store, system("creuse"), Wanted(Horizon(None, 4, "Europe/Paris")))


def test_a_start_in_the_past_is_refused(store: Store) -> None:
    with pytest.raises(InvalidInput):
        make(store, start=date(2026, 11, 9))


def test_each_rota_is_told_to_the_log_once(store: Store) -> None:
    first, second = make(store), make(store, publish=False)
    with store.read() as session:
        events = session.exec(select(EventRow).where(EventRow.type == "rota.generated")).all()
    assert [(e.data["rota_id"], e.data["published"]) for e in events] == [
        (str(first), True),
        (str(second), False),
    ]


def test_a_week_nobody_can_hold_is_left_open_and_explained(store: Store) -> None:
    def everybody_away(tx: Any) -> None:
        for person in tx.session.exec(select(OnCallPerson)).all():
            if "decision" in person.posts:
                person.absences = [{"start": "2026-12-14", "end": "2026-12-21", "kind": "leave"}]
                tx.session.add(person)

    store.submit_wait(everybody_away, ACTOR)
    made = rota(store, make(store))
    (gap,) = made.solver["gaps"]
    assert (gap["post"], gap["week_iso"], gap["missing"]) == ("decision", "2026-W51", 1)
    assert {fact["rule"] for fact in gap["facts"]} == {"absence"}
    assert len(gap["facts"]) == 4
    assert gap["ways_out"] == []
    (cover,) = [rule for rule in made.rules if rule["name"] == "cover"]
    assert not cover["satisfied"]


def test_weeks_before_monday_at_eight_belong_to_the_monday_before(
    store: Store, clock: FrozenClock
) -> None:
    clock.set(datetime(2026, 11, 30, 7, 30, tzinfo=PARIS))
    with store.read() as session:
        horizon = Horizon(None, 2, "Europe/Paris")
        before = snapshots.take(session, "correze", clock.now(), horizon)
        after = snapshots.take(session, "correze", clock.now() + timedelta(hours=1), horizon)
    assert [week.iso for week in before.weeks] == ["2026-W48", "2026-W49"]
    assert [week.iso for week in after.weeks] == ["2026-W49", "2026-W50"]
    assert replace(before, problem=after.problem, weeks=after.weeks) == after
