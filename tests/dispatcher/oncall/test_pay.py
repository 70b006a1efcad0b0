"""The pay of a month: every cent has a line, every line a source."""

import csv
import io
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlmodel import select

from dispatcher.database import Tx
from dispatcher.models import EventRow, OnCallDuty
from dispatcher.oncall import callouts, pay
from dispatcher.oncall.ladder import PagingPolicy, change_policy
from scheduling.rota.call_out_pay import PayMode
from tests.support.oncall import NIGHT, PARIS, NightShift, person_by
from tests.support.world import World


@pytest.fixture
async def night(either_world: World) -> NightShift:
    made = NightShift(either_world)
    await made.begin()
    return made


def lines(night: NightShift, month: str = "2026-12") -> list[pay.PayLine]:
    with night.world.look() as session:
        return pay.pay_of(session, "correze", month, PARIS)


async def told(night: NightShift, at: datetime) -> None:
    def tell(tx: Tx) -> None:
        for duty in tx.session.exec(select(OnCallDuty)).all():
            duty.told_at = at

    await night.world.do(tell)


async def test_ordinary_weeks_are_paid_by_the_table(night: NightShift) -> None:
    found = {line.code: line for line in lines(night) if line.day.isoformat() == "2026-11-30"}

    assert found["sophie-maziere"].total_cents == 15_920
    assert found["denis-coudert"].total_cents == 14_948
    assert found["anne-faure"].total_cents == 12_100
    assert "2015" in found["sophie-maziere"].source
    sophie = pay.totals(lines(night))["sophie-maziere"]
    assert sophie == 3 * 15_920, "the week that ends on 30 November is of that month, not this"


async def test_a_turn_imposed_at_short_notice_is_paid_half_as_much_again_save_decision(
    night: NightShift,
) -> None:
    await told(night, NIGHT)
    week = [line for line in lines(night) if line.day.isoformat() == "2026-11-30"]
    rises = {line.code: line.total_cents for line in week if line.what == "short_notice"}

    assert rises["sophie-maziere"] == 7_960
    assert "anne-faure" not in rises
    late = [x for x in lines(night) if x.day.isoformat() == "2026-12-14"]
    assert {x.what for x in late if x.code == "sophie-maziere"} == {"duty:week"}


async def test_call_outs_are_paid_by_the_hour_or_given_as_rest(night: NightShift) -> None:
    who = night.person_id("sophie-maziere")
    span = (NIGHT + timedelta(hours=0), NIGHT + timedelta(hours=3))  # 21:00 to midnight
    night.world.clock.set(span[1])
    await night.world.do(partial(callouts.enter, person_id=who, span=span))

    def found() -> list[tuple[str, int, int]]:
        return [(x.what, x.count, x.total_cents) for x in lines(night, "2026-11") if x.is_hours]

    assert found() == [("call_out:night", 200, 4_400), ("call_out:ordinary", 100, 1_600)]
    await night.world.do(partial(change_policy, wanted=PagingPolicy(call_out_pay=PayMode.REST)))
    assert found() == [("rest:night", 300, 0), ("rest:ordinary", 100, 0)]


async def test_the_file_adds_up_and_no_cell_is_a_formula(night: NightShift) -> None:
    def rename(tx: Tx) -> None:
        person_by(tx, "sophie-maziere").name = "=HYPERLINK(1)"

    await night.world.do(rename)
    async with night.world.client("oncall_manager") as manager:
        answer = await manager.get("/api/v1/oncall/pay.csv?month=2026-12")
        shown = (await manager.get("/api/v1/oncall/pay?month=2026-12")).json()
        wrong = await manager.get("/api/v1/oncall/pay?month=2026-13")
    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff")), delimiter=";"))
    total = sum(round(float(row["montant"].replace(",", ".")) * 100) for row in rows)

    assert wrong.status_code == 422
    assert total == sum(shown["totals"].values()) > 0
    assert "'=HYPERLINK(1)" in {row["nom"] for row in rows}
    assert answer.headers["content-disposition"].endswith('"astreintes-2026-12.csv"')
    with night.world.look() as session:
        query = select(EventRow).where(EventRow.type == "pay.exported")
        assert [event.data["month"] for event in session.exec(query).all()] == ["2026-12"]


async def test_pay_is_for_whoever_builds_rotas(night: NightShift) -> None:
    async with night.world.client("dispatcher") as dispatcher:
        refused = await dispatcher.get("/api/v1/oncall/pay?month=2026-12")
        rota = (await dispatcher.get("/api/v1/rotas/current")).json()
    async with night.world.client("oncall_manager") as manager:
        full = (await manager.get("/api/v1/rotas/current")).json()

    assert refused.status_code == 403
    assert {duty["cents"] for duty in rota["duties"]} == {None}
    assert {duty["cents"] for duty in full["duties"]} == {15_920, 14_948, 12_100}
