"""What a crew does now, and the shifts that start and end by themselves."""

from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise

from sqlmodel import col, select

from dispatcher.crews.commands import LAID_DAYS, set_activity, turn_shifts
from dispatcher.database import Tx
from dispatcher.models import Crew, Shift
from tests.support.stores import log_of
from tests.support.world import PARIS, World

TURN = partial(turn_shifts, zone=PARIS)


def row(tx: Tx, code: str) -> Crew:
    return tx.session.exec(select(Crew).where(Crew.code == code)).one()


async def test_crews_start_work_at_their_depot_when_their_hour_comes(world: World) -> None:
    assert world.crew("tulle-4").state == "off"

    world.clock.set(datetime(2026, 11, 24, 11, 0, tzinfo=UTC))
    await world.do(TURN)

    started = world.crew("tulle-4")
    assert (started.state, started.located_by) == ("available", "depot")
    assert started.lat is not None


async def test_crews_go_home_when_their_hour_has_passed(world: World) -> None:
    world.clock.set(datetime(2026, 11, 24, 16, 0, tzinfo=UTC))
    await world.do(TURN)

    crew = world.crew("tulle-1")
    assert crew.state == "off"
    assert crew.shift_start_at == datetime(2026, 11, 25, 7, 0, tzinfo=UTC), "the next one shows"


async def test_a_crew_still_at_work_is_not_sent_home(world: World) -> None:
    await world.do(lambda tx: set_activity(tx, row(tx, "tulle-1"), "on_site"))
    world.clock.set(datetime(2026, 11, 24, 17, 0, tzinfo=UTC))
    await world.do(TURN)
    assert world.crew("tulle-1").state == "on_site"

    await world.do(lambda tx: set_activity(tx, row(tx, "tulle-1"), "available"))
    await world.do(TURN)
    assert world.crew("tulle-1").state == "off"


async def test_turning_twice_changes_nothing_more(world: World) -> None:
    assert await world.do(TURN) == 0
    world.clock.set(datetime(2026, 11, 24, 11, 0, tzinfo=UTC))
    assert await world.do(TURN) > 0
    assert await world.do(TURN) == 0


async def test_shifts_stand_a_week_ahead_for_ever(world: World) -> None:
    for _ in range(12):
        now = world.clock.advance(timedelta(days=1))
        await world.do(TURN)
        with world.look() as session:
            last = session.exec(select(Shift.end_at).order_by(col(Shift.end_at).desc())).first()
        assert last is not None
        assert last > now + timedelta(days=LAID_DAYS - 5)


async def test_no_crew_works_two_shifts_at_once(world: World) -> None:
    for _ in range(8):
        world.clock.advance(timedelta(hours=27))
        await world.do(TURN)
    with world.look() as session:
        shifts = session.exec(select(Shift).order_by(col(Shift.crew_id), col(Shift.start_at))).all()
    for shift, following in pairwise(shifts):
        if shift.crew_id == following.crew_id:
            assert shift.end_at <= following.start_at


async def test_a_changed_pattern_moves_what_has_not_begun(world: World) -> None:
    def change(tx: Tx) -> None:
        crew = row(tx, "tulle-1")
        crew.pattern = {**crew.pattern, "end": "12:00"}

    await world.do(change)
    world.clock.advance(timedelta(days=5))
    await world.do(TURN)

    crew = world.crew("tulle-1")
    with world.look() as session:
        ends = session.exec(
            select(Shift.end_at).where(Shift.crew_id == crew.id, Shift.start_at > world.clock.now())
        ).all()
    assert ends
    assert {end.astimezone(PARIS).hour for end in ends} == {12}


async def test_the_same_activity_again_is_nothing_new(world: World) -> None:
    with world.look() as session:
        before = len(log_of(session))
    await world.do(lambda tx: set_activity(tx, row(tx, "tulle-1"), "available"))

    with world.look() as session:
        assert len(log_of(session)) == before


async def test_a_position_told_is_dated_and_says_by_whom(world: World) -> None:
    await world.do(lambda tx: set_activity(tx, row(tx, "tulle-1"), "on_site", (45.1, 1.5)))

    crew = world.crew("tulle-1")
    assert (crew.lat, crew.lon, crew.located_by) == (45.1, 1.5, "crew")
    assert crew.located_at == world.clock.now()
