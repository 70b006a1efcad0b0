"""Times on site that finished work has taught: used in plans, said in offers, switched off."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from dispatcher.actors import system
from dispatcher.models import EventRow, LearnedTravel, Plan
from dispatcher.travel.learned import Learned
from scheduling.dispatch.eta import PRIOR_JOBS, Job, learn_durations
from tests.dispatcher.planning.test_applying import tune
from tests.support.desk import BRIVE, Desk
from tests.support.world import ORG

Json = dict[str, Any]


def history(ratio: float, count: int, category: str = "pothole") -> list[Job]:
    """Jobs that took this much of their planned time, one as the other."""
    return [Job(category, "new", round(1000 * ratio)) for _ in range(count)]


async def teach(desk: Desk, jobs: list[Job], done: Json | None = None) -> None:
    groups = learn_durations(jobs).groups
    body = {
        "ratios": {},
        "drives": [[1.0] * 13, 0],
        "works": [
            [list(cell), [float(v) for v in s.values], s.count] for cell, s in groups.items()
        ],
        "done": done or {},
        "reaches": [],
    }

    def store(tx: Any) -> None:
        tx.session.add(
            LearnedTravel(
                id=tx.new_id(), org=ORG, version=1, at=tx.now, history="real", trips=0,
                jobs=len(jobs), body=body,
            )
        )  # fmt: skip

    await desk.world.do(store, system(ORG))


def test_few_visits_stay_near_the_catalogue_and_many_leave_it() -> None:
    def factor(jobs: list[Job], category: str = "pothole") -> float:
        return Learned(works=learn_durations(jobs)).lasting(category, 3600).seconds / 3600

    assert factor([]) == 1.0
    assert factor(history(1.5, 3)) == pytest.approx(1 + 0.5 * 3 / (3 + PRIOR_JOBS), abs=0.01)
    assert factor(history(1.5, 300)) == pytest.approx(1.5, abs=0.03)
    mixed = history(1.0, 300) + history(2.0, 3, "rare")
    assert 1.0 < factor(mixed, "rare") < 1.25, "three visits of a kind do not double its time"
    assert factor(mixed, "never seen") == pytest.approx(1.0, abs=0.03)


def test_a_crew_counts_with_crews_of_its_own_experience() -> None:
    jobs = [Job("leak", "new", 1400)] * 80 + [Job("leak", "expert", 800)] * 80
    known = Learned(works=learn_durations(jobs), done={"old hands": {"leak": 60}})

    novice, expert = (known.lasting("leak", 3600, crew) for crew in ("beginners", "old hands"))
    anybody = known.lasting("leak", 3600)

    assert expert.seconds < anybody.seconds < novice.seconds
    assert novice.seconds > 1.25 * 3600
    assert (novice.visits, expert.visits, anybody.visits) == (80, 80, 160)
    assert novice.catalogue_s == expert.catalogue_s == 3600


def test_the_mean_of_a_skewed_history_is_above_its_median() -> None:
    jobs = history(0.8, 50) + history(2.0, 20)
    planned = Learned(works=learn_durations(jobs)).lasting("pothole", 3600).seconds
    assert planned > 3600, "a route adds means up, not medians"


async def test_plans_count_with_what_was_learned_and_offers_say_so(desk: Desk) -> None:
    incident_id = await desk.incident("pothole", BRIVE)
    plain = await desk.offers(incident_id)
    await teach(desk, history(1.5, 200))
    learned = await desk.offers(incident_id)
    visit = await desk.accept(incident_id)

    catalogue_s = plain["lasting"]["catalogue_s"]
    assert plain["lasting"] == {"seconds": catalogue_s, "catalogue_s": catalogue_s, "visits": 0}
    told = learned["lasting"]
    assert told["seconds"] == pytest.approx(1.5 * catalogue_s, rel=0.04)
    assert (told["catalogue_s"], told["visits"]) == (catalogue_s, 200)
    row = desk.visit(visit)
    assert row.start_at is not None
    assert row.end_at is not None
    assert (row.end_at - row.start_at).total_seconds() == told["seconds"]
    assert row.duration_s == catalogue_s, "what teaches is measured against the catalogue"
    assert learned["offers"][0]["lasting"] == told
    assert desk.breaches() == []


async def test_people_switch_it_off_and_the_log_keeps_who_did(desk: Desk) -> None:
    incident_id = await desk.incident("pothole", BRIVE)
    await teach(desk, history(1.5, 200))
    with_it = (await desk.offers(incident_id))["lasting"]

    assert (await tune(desk, [], []))["learned_durations"] is True
    off = await tune(desk, [], [], learned_durations=False)
    without = (await desk.offers(incident_id))["lasting"]
    kept = await tune(desk, ["P4"], [])
    with desk.world.look() as session:
        facts = session.exec(select(EventRow).where(EventRow.type == "planning.tuned")).all()
        plan = session.exec(select(Plan).where(Plan.org == ORG)).one()

    assert off["learned_durations"] is False
    assert without == {
        "seconds": with_it["catalogue_s"], "catalogue_s": with_it["catalogue_s"], "visits": 0
    }  # fmt: skip
    assert kept["learned_durations"] is False, "who does not name it does not change it"
    assert [(f.data["learned_before"], f.data["learned_durations"]) for f in facts] == [
        (True, True), (True, False), (False, False)
    ]  # fmt: skip
    assert plan.learned_durations is False


async def test_a_crew_under_way_is_free_when_such_work_usually_ends(desk: Desk) -> None:
    incident_id = await desk.incident("pothole", BRIVE)
    visit = await desk.accept(incident_id)
    await desk.move(visit, "acknowledged", "en_route")
    crew = str(desk.visit(visit).crew_id)
    before = desk.snapshot().problem.crew(crew).ready_at
    await teach(desk, history(2.0, 200))
    after = desk.snapshot().problem.crew(crew).ready_at

    added = timedelta(seconds=after - before)
    assert added == pytest.approx(timedelta(seconds=desk.visit(visit).duration_s), rel=0.1)
