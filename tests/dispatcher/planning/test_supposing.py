"""What if: the plan as it would be, over HTTP, and the plan in force untouched."""

from typing import Any

from dispatcher.planning.solver import Solver
from tests.dispatcher.planning.test_solver import InThreads
from tests.support.desk import BRIVE, TULLE, USSEL, Desk, near

Json = dict[str, Any]
PATH = "/api/v1/plan/suppose"


async def suppose(desk: Desk, **given: Any) -> Json:
    plan = desk.snapshot().plan_number
    answer = await desk.http.post(PATH, json=given)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    assert desk.snapshot().plan_number == plan == found["plan_version"]
    return found


async def test_without_a_crew_its_visits_go_to_others_or_say_why_not(desk: Desk) -> None:
    for number in (0, 8):
        await desk.accept(await desk.incident("pothole", near(TULLE, number)), "Tulle 2")
    found = await suppose(desk, without_crews=[str(desk.crew_id("Tulle 2"))])

    assert {line["before"]["crew"] for line in found["lines"] if line["before"]} == {"Tulle 2"}
    assert all(line["after"] for line in found["lines"])
    assert found["price"]["ordinary_min"] > 0
    assert {t["name"] for t in found["terms"]} >= {"crew_change"}
    assert len(desk.route("Tulle 2")) == 2


async def test_a_forced_crew_shows_its_price_and_the_rules_it_breaks(desk: Desk) -> None:
    incident = await desk.incident("pothole", BRIVE)
    visit = await desk.accept(incident, "Brive 8")
    forced = {"incident_id": str(incident), "crew_id": str(desk.crew_id("Ussel 4"))}
    found = await suppose(desk, forced=forced)
    (line,) = [one for one in found["lines"] if one["visit_id"] == visit["id"]]
    assert (line["before"]["crew"], line["after"]["crew"]) == ("Brive 8", "Ussel 4")
    assert found["km_delta"] > 0
    assert found["broken"] == []

    burst = await desk.incident("water_main_burst", USSEL)
    crews = (await desk.http.get(f"/api/v1/incidents/{burst}/moves")).json()["crews"]
    barred = next(c["best"]["crew_id"] for c in crews if not c["best"]["is_lawful"])
    found = await suppose(desk, forced={"incident_id": str(burst), "crew_id": barred})
    assert [rule["reason"] for rule in found["broken"]] == ["missing_skill"]


async def test_work_that_might_come_is_placed_or_says_why_not(desk: Desk) -> None:
    added = {**TULLE, "duration_min": 60, "priority": "P1", "due_in_min": 120}
    (line,) = (await suppose(desk, added=added))["lines"]
    assert (line["visit_id"], line["before"], line["priority"]) == (None, None, "P1")
    assert line["after"]["crew"]

    nobody = {**added, "skills": ["nuclear_diving"]}
    (line,) = (await suppose(desk, added=nobody))["lines"]
    assert (line["after"], line["reason"]) == (None, "no_crew_allowed")


async def test_nothing_supposed_and_a_crew_unknown_are_refused(desk: Desk) -> None:
    assert (await desk.http.post(PATH, json={})).status_code == 422
    unknown = "01900000-0000-7000-8000-000000000000"
    assert (await desk.http.post(PATH, json={"without_crews": [unknown]})).status_code == 404


async def test_a_search_answers_after_the_first_answer_and_is_never_dearer(desk: Desk) -> None:
    for number in (0, 8):
        await desk.accept(await desk.incident("pothole", near(TULLE, number)), "Tulle 2")
    question = {"without_crews": [str(desk.crew_id("Tulle 2"))]}
    away = await desk.http.post(f"{PATH}/search", json=question)
    assert away.status_code == 503, "without a solver the first answer stands"

    desk.world.service.parts["solver"] = InThreads(1)
    before = desk.snapshot()
    first = await suppose(desk, **question)
    answers = [await desk.http.post(f"{PATH}/search", json=question) for _ in range(2)]
    one, two = (answer.json() for answer in answers)

    assert [answer.status_code for answer in answers] == [200, 200]
    assert (first["rounds"], one["rounds"] > 0) == (0, True)
    assert one["price"]["ordinary_min"] <= first["price"]["ordinary_min"] + 0.1
    assert one["lines"] == two["lines"], "the same question, the same answer"
    after = desk.snapshot()
    assert (after.plan_number, after.problem.plan) == (before.plan_number, before.problem.plan)


async def test_a_forced_crew_that_breaks_a_rule_is_answered_without_a_search(desk: Desk) -> None:
    class Never(Solver):
        async def search(self, *_args: Any, **_more: Any) -> list[list[str]]:
            raise AssertionError("searched")

    desk.world.service.parts["solver"] = Never()
    burst = await desk.incident("water_main_burst", USSEL)
    crews = (await desk.http.get(f"/api/v1/incidents/{burst}/moves")).json()["crews"]
    barred = next(c["best"]["crew_id"] for c in crews if not c["best"]["is_lawful"])
    question = {"forced": {"incident_id": str(burst), "crew_id": barred}}
    found = (await desk.http.post(f"{PATH}/search", json=question)).json()
    assert ([rule["reason"] for rule in found["broken"]], found["rounds"]) == (["missing_skill"], 0)
