"""The cover of the Corrèze: minutes per commune, sectors against the promise, kept a while."""

from typing import Any

from sqlmodel import select

from dispatcher.models import Crew
from dispatcher.planning.coverage import Coverages
from tests.support.desk import Desk, keep_on_duty
from tests.support.world import World

Json = dict[str, Any]
PATH = "/api/v1/coverage"


async def cover_of(desk: Desk, query: str = "") -> Json:
    Coverages.of(desk.world.service).kept.clear()
    answer = await desk.http.get(f"{PATH}{query}")
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def minutes(cover: Json, name: str) -> int:
    return next(int(one["minutes"]) for one in cover["communes"] if one["name"] == name)


async def test_every_commune_has_its_minutes_and_the_promise_is_the_policys(
    either_desk: Desk,
) -> None:
    cover = await cover_of(either_desk)
    assert cover["promise_min"] == 60
    assert len(cover["communes"]) > 270
    assert {type(one["minutes"]) for one in cover["communes"]} == {int}
    assert minutes(cover, "Tulle") <= 5
    assert {one["name"] for one in cover["sectors"]} >= {"Tulle", "Brive", "Uzerche"}
    assert all(0 <= one["within"] <= 1 for one in cover["sectors"])


async def test_a_sector_without_crews_near_falls_below_its_promise(either_desk: Desk) -> None:
    desk = either_desk
    before = await cover_of(desk)
    assert not any(one["is_hole"] for one in before["sectors"] if one["name"] == "Brive")
    with desk.world.look() as session:
        tulle = {c.code for c in session.exec(select(Crew).where(Crew.sector == "Tulle")).all()}
    await desk.world.do(lambda tx: keep_on_duty(tx, tulle))
    after = await cover_of(desk)
    holes = {one["name"] for one in after["sectors"] if one["is_hole"]}
    assert "Égletons · Ussel" in holes
    assert "Tulle" not in holes
    assert minutes(after, "Ussel") > minutes(before, "Ussel")


async def test_without_any_crew_nobody_comes_and_no_hole_is_cried(either_desk: Desk) -> None:
    await either_desk.world.do(lambda tx: keep_on_duty(tx, set()))
    cover = await cover_of(either_desk)
    assert cover["crews"] == 0
    assert {one["minutes"] for one in cover["communes"]} == {None}
    assert [one for one in cover["sectors"] if one["is_hole"]] == []


async def test_later_is_asked_by_quarters_of_an_hour_and_at_night_nobody_is_left(
    desk: Desk,
) -> None:
    later = await cover_of(desk, "?ahead_min=60")
    assert later["crews"] > 0
    assert (await desk.http.get(f"{PATH}?ahead_min=7")).status_code == 422
    assert (await desk.http.get(f"{PATH}?ahead_min=495")).status_code == 422


async def test_many_screens_ask_and_one_answer_is_worked_out(desk: Desk) -> None:
    first = await cover_of(desk)
    await desk.world.do(lambda tx: keep_on_duty(tx, set()))
    assert (await desk.http.get(PATH)).json() == first


async def test_a_council_sees_no_crews(world: World) -> None:
    async with world.client("council") as http:
        assert (await http.get(PATH)).status_code == 403
