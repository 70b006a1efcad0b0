"""The rules and prices that few problems use: each is checked, obeyed by the search, and billed."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from scheduling.dispatch.assemble import assemble
from scheduling.dispatch.check import check
from scheduling.dispatch.improve import Effort, improve
from scheduling.dispatch.objective import explain
from scheduling.dispatch.offers import find_offers
from scheduling.dispatch.problem import (
    COST_PER_MINUTE,
    FREE,
    Commitment,
    CrewDuration,
    Load,
    LoadLimit,
    PlannedRoute,
    PlannedStop,
    Prices,
    Problem,
    ProblemError,
    Promise,
    Skill,
    SoftWindow,
    Territory,
    TerritoryRule,
    Window,
    WorkLimit,
)
from scheduling.dispatch.settle import settle
from tests.scheduling.dispatch.cases import HOUR, MINUTE, crew, visit, with_plan, world


def day(**rules: object) -> Problem:
    """Three visits half an hour, fifty and seventy minutes from a crew's home."""
    return world([visit("a", 3), visit("b", 5), visit("c", 7)], [crew("k"), crew("l", 10)], **rules)


def on_visit(problem: Problem, **changes: object) -> Problem:
    """The first visit changed."""
    first = replace(problem.visits[0], **changes)  # type: ignore[arg-type]
    return replace(problem, visits=(first, *problem.visits[1:]))


def on_visits(problem: Problem, **changes: object) -> Problem:
    """Every visit changed."""
    changed = [replace(one, **changes) for one in problem.visits]  # type: ignore[arg-type]
    return replace(problem, visits=tuple(changed))


def on_crews(problem: Problem, **changes: object) -> Problem:
    """Every crew changed."""
    changed = [replace(one, **changes) for one in problem.crews]  # type: ignore[arg-type]
    return replace(problem, crews=tuple(changed))


def signs(most: int, soft_most: int | None = None, rate: int = 0) -> tuple[LoadLimit, ...]:
    return (LoadLimit("sign", most, soft_most, rate),)


RULES: list[tuple[str, Callable[[Problem], Problem]]] = [
    (
        "skill",
        lambda p: on_visit(
            on_crews(p, skills=(Skill("H2", 1, 10 * MINUTE),)), skills=(Skill("H2"),)
        ),
    ),
    ("any_skill", lambda p: on_visit(p, any_skills=(Skill("H2"), Skill("H3")))),
    ("equipment", lambda p: on_visit(p, equipment=("pump",))),
    ("required_crew", lambda p: on_visit(p, required_crews=("m",))),
    (
        "territory",
        lambda p: on_visit(on_crews(p, territories=(Territory("south"),)), territory="north"),
    ),
    ("too_far", lambda p: on_crews(p, max_from_home_s=25 * MINUTE)),
    ("too_far", lambda p: on_crews(p, max_from_home_m=25_000)),
    ("on_call", lambda p: on_crews(p, on_call=Window(5 * HOUR, 8 * HOUR))),
    ("rest", lambda p: on_crews(p, rest_until=HOUR)),
    ("absent", lambda p: on_crews(p, absences=(Window(HOUR, 2 * HOUR),))),
    ("route_duration", lambda p: on_crews(p, max_route_s=2 * HOUR)),
    ("work_limit", lambda p: on_crews(p, work_limit=WorkLimit(HOUR, 15 * MINUTE))),
    ("travel_limit", lambda p: on_crews(p, max_travel_s=100 * MINUTE)),
    ("distance_limit", lambda p: on_crews(p, max_distance_m=100_000)),
    ("visit_limit", lambda p: on_crews(p, max_visits=2)),
    ("load_limit", lambda p: on_visits(on_crews(p, limits=signs(5)), loads=(Load("sign", 2),))),
    ("reserve", lambda p: on_crews(p, reserve_s=7 * HOUR)),
    (
        "incompatible",
        lambda p: replace(on_visits(p, kind="sewage"), incompatible=(("sewage", "sewage"),)),
    ),
]


@pytest.mark.parametrize(("rule", "change"), RULES)
def test_a_plan_made_without_the_rule_is_caught(
    rule: str, change: Callable[[Problem], Problem]
) -> None:
    innocent = assemble(day(), [["a", "b", "c"], []])
    assert rule in {breach.rule for breach in check(change(day()), innocent)}


@pytest.mark.parametrize(("rule", "change"), RULES)
def test_the_search_obeys_the_rule(rule: str, change: Callable[[Problem], Problem]) -> None:
    found = improve(change(day()), Effort(iterations=200), clock=lambda: 0.0)
    assert check(found.problem, found.solution) == [], rule


@pytest.mark.parametrize(("rule", "change"), RULES)
def test_a_frozen_plan_is_a_fact_whatever_the_rule(
    rule: str, change: Callable[[Problem], Problem]
) -> None:
    frozen = replace(with_plan(day(), {"k": ["a", "b", "c"]}), frozen_until=9 * HOUR)
    found = improve(change(frozen), Effort(iterations=20), clock=lambda: 0.0)
    assert found.solution.routes[0].visit_ids == ("a", "b", "c"), rule
    assert check(found.problem, found.solution) == []


@pytest.mark.parametrize(
    ("reason", "change"),
    [
        ("skill_expires", RULES[0][1]),
        ("missing_skill", RULES[1][1]),
        ("missing_equipment", RULES[2][1]),
        ("not_required_crew", RULES[3][1]),
        ("out_of_territory", RULES[4][1]),
        ("too_far_from_home", RULES[5][1]),
        ("visit_limit", lambda p: on_crews(p, max_visits=0)),
        ("load_limit", lambda p: on_visit(on_crews(p, limits=signs(1)), loads=(Load("sign", 2),))),
        (
            "on_call",
            lambda p: on_crews(p, on_call=Window(-HOUR, -MINUTE)),
        ),
        ("travel_limit", lambda p: on_crews(p, max_travel_s=MINUTE)),
        ("distance_limit", lambda p: on_crews(p, max_distance_m=MINUTE)),
        ("reserve", lambda p: on_crews(p, reserve_s=8 * HOUR)),
    ],
)
def test_an_offer_says_which_rule_binds(reason: str, change: Callable[[Problem], Problem]) -> None:
    answer = find_offers(change(day()), "a")
    assert reason in {refusal.reason for refusal in answer.refusals}


def minutes(problem: Problem, routes: list[list[str]]) -> dict[str, float]:
    """Terms of a plan, in minutes."""
    found = explain(problem, assemble(problem, routes)).total.minutes()
    return {str(term): amount for term, amount in found.items()}


def priced(**prices: int) -> Problem:
    return replace(day(), prices=replace(FREE, **prices))


@pytest.mark.parametrize(
    ("term", "amount", "problem"),
    [
        ("soft_early", 30, on_visit(day(), soft_window=SoftWindow(opens_at=HOUR))),
        ("soft_late", 20, on_visit(day(), soft_window=SoftWindow(closes_at=10 * MINUTE))),
        ("sla_breach_fixed", 1, on_visit(day(), commitment=Commitment(0, COST_PER_MINUTE))),
        ("sla_breach_hourly", 60, on_visit(day(), commitment=Commitment(0, 0, 200))),
        ("delay", 3, on_visit(day(), delay_rate=10)),
        (
            "territory",
            7,
            on_visit(
                on_crews(day(), territories=(Territory("lent", 7 * COST_PER_MINUTE),)),
                territory="lent",
            ),
        ),
        (
            "territory",
            60,
            on_visit(on_crews(day(), territories=(Territory("south"),)), territory="north"),
        ),
        ("underskill", 4, on_visit(priced(underskill=24_000), wished_skills=(Skill("H2"),))),
        ("distance", 14, on_crews(day(), distance_rate=600)),
        ("paid_time", 230, on_crews(day(), time_rate=100)),
        (
            "waiting",
            30,
            on_visit(priced(waiting=100), windows=(Window(HOUR, 2 * HOUR),)),
        ),
        (
            "load_soft",
            3,
            on_visits(
                on_crews(day(), limits=signs(9, 5, COST_PER_MINUTE * 3)), loads=(Load("sign", 2),)
            ),
        ),
        ("fairness_visits", 9, priced(uneven_visits=COST_PER_MINUTE)),
        ("fairness_hours", 23 * 23 / 36, priced(uneven_hours=COST_PER_MINUTE)),
        (
            "overtime",
            170 * 170 / 10,
            on_crews(day(), shift_end=HOUR, overtime_rate=0, overtime_square=600),
        ),
    ],
)
def test_each_price_is_billed_by_name(term: str, amount: float, problem: Problem) -> None:
    soft = replace(problem, territory_rule=TerritoryRule.SOFT)
    assert minutes(soft, [["a", "b", "c"], []])[term] == pytest.approx(amount, abs=0.01)


def test_a_swapped_order_a_moved_promise_and_a_bumped_visit_are_billed() -> None:
    prices = replace(FREE, resequence=5 * COST_PER_MINUTE)
    base = on_visit(replace(day(), prices=prices), bump_cost=8 * COST_PER_MINUTE)
    planned = with_plan(base, {"k": ["a", "b", "c"]})
    assert minutes(planned, [["c", "a", "b"], []])["resequence"] == 5
    assert minutes(planned, [["b", "c"], []])["bump"] == 8
    assert minutes(planned, [["b", "c"], ["a"]]).get("bump") is None


def test_an_unbumpable_visit_never_gives_way() -> None:
    urgent = visit("u", 3, priority=1, due_at=30 * MINUTE, is_urgent=True)
    plain = visit("a", 3, bump_cost=None, unserved_cost=0)
    base = world([plain, urgent], [crew("k", shift_end=90 * MINUTE, hard_end=90 * MINUTE)])
    planned = with_plan(base, {"k": ["a"]})
    assert find_offers(planned, "u").offers == ()
    bumped = find_offers(on_visit(planned, bump_cost=0), "u").offers
    assert [offer.bumped for offer in bumped] == ["a"]


def test_a_stale_position_is_flagged() -> None:
    base = replace(on_crews(day(), located_at=0), now=HOUR, location_max_age_s=1800)
    assert "position_stale" in find_offers(base, "a").offers[0].flags
    fresh = on_crews(base, located_at=HOUR)
    assert "position_stale" not in find_offers(fresh, "a").offers[0].flags


def test_an_urgent_visit_may_use_the_reserve() -> None:
    reserve = on_crews(day(), reserve_s=8 * HOUR)
    urgent = on_visits(reserve, is_urgent=True)
    assert check(urgent, assemble(urgent, [["a", "b", "c"], []])) == []


NEW_AND_OLD = (CrewDuration("new", 3 * HOUR), CrewDuration("old", 20 * MINUTE))


def test_a_crew_takes_the_time_of_its_experience() -> None:
    one = world(
        [visit("a", 5, crew_durations=NEW_AND_OLD), visit("b", 6)],
        [crew("k", 4, experience="new"), crew("l", 0, experience="old"), crew("m")],
    )
    lengths = [
        stop.end_at - stop.start_at
        for names in ([["a"], [], []], [[], ["a"], []], [[], [], ["a"]])
        for route in assemble(one, names).routes
        for stop in route.stops
    ]
    assert lengths == [3 * HOUR, 20 * MINUTE, 30 * MINUTE]
    told = {o.crew_id: o.end_at - o.start_at for o in find_offers(one, "a").offers}
    assert told == {"k": 3 * HOUR, "l": 20 * MINUTE, "m": 30 * MINUTE}
    plain = replace(one, visits=tuple(replace(v, crew_durations=()) for v in one.visits))
    innocent = assemble(plain, [["a"], [], []])
    assert {breach.rule for breach in check(one, innocent)} == {"service"}


def test_the_search_sends_whom_the_work_takes_least_time() -> None:
    one = world(
        [
            visit("a", 5, crew_durations=NEW_AND_OLD, due_at=20 * MINUTE, late_rate=900),
            visit("b", 6, due_at=80 * MINUTE, late_rate=900),
        ],
        [crew("k", 4, experience="new"), crew("l", 4, experience="old")],
        prices=FREE,
    )
    found = improve(one, Effort(iterations=300), clock=lambda: 0.0)
    assert [route.visit_ids for route in found.solution.routes] == [(), ("a", "b")]
    assert found.after == explain(found.problem, found.solution).total.cost


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: SoftWindow(2, 1),
        lambda: SoftWindow(0, 1, early_rate=-1),
        lambda: Commitment(0, -1),
        lambda: Load("sign", -1),
        lambda: LoadLimit("sign", -1),
        lambda: Territory("north", -1),
        lambda: WorkLimit(0, 1),
        lambda: Prices(waiting=-1),
        lambda: Prices(promise_widens=-1),
        lambda: Prices(far_percent=101),
        lambda: visit("v", 0, loads=(Load("s", 1), Load("s", 1))),
        lambda: visit("v", 0, delay_rate=-1),
        lambda: CrewDuration("new", -1),
        lambda: visit("v", 0, crew_durations=(NEW_AND_OLD[0], NEW_AND_OLD[0])),
        lambda: crew("c", max_visits=-1),
        lambda: crew("c", absences=(Window(5, 9), Window(0, 6))),
        lambda: crew("c", limits=(*signs(1), *signs(2))),
    ],
)
def test_nonsense_is_refused_in_words(wrong: Callable[[], object]) -> None:
    with pytest.raises(ProblemError, match=r"\w+"):
        wrong()


def test_settling_leaves_an_honest_problem_alone() -> None:
    plain = on_crews(
        day(), max_travel_s=HOUR, absences=(Window(HOUR, 2 * HOUR),), limits=signs(3), reserve_s=60
    )
    settled = settle(plain)
    assert [one.absences for one in settled.crews] == [one.absences for one in plain.crews]
    assert settled.crews[0].max_travel_s == HOUR


def test_what_is_hours_away_may_move_more_freely() -> None:
    fading = replace(FREE, crew_change=1_000, promise_moved=500, promise_widens=50, far_percent=25)
    told = Promise(4 * HOUR)
    one = world([visit("a", 5, promise=told)], [crew("k", 5), crew("l", 5)], prices=fading)
    far = replace(one, plan=(PlannedRoute("k", (PlannedStop("a", 4 * HOUR),)),))
    near = replace(far, now=3 * HOUR)
    bills = [
        explain(p, assemble(p, [[], ["a"]])).visits["a"].amounts.get("crew_change")
        for p in (far, near)
    ]
    assert bills == [250, 1_000]
    for now, moves in ((0, False), (HOUR, True)):
        # Four hours ahead half of them may pass, and the fixed quarter of an hour; then less.
        late = replace(far, now=now, crews=(crew("k", 5, ready_at=6 * HOUR), crew("l", 5)))
        plan = explain(late, assemble(late, [["a"], []]))
        assert ("promise_moved" in plan.total.amounts) is moves
