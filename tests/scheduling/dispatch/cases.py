"""Small problems for the dispatch tests: a line of villages, and random ones for hypothesis."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from hypothesis import strategies as st

from scheduling.dispatch.problem import (
    After,
    Bar,
    Break,
    Commitment,
    Crew,
    CrewDuration,
    KeptHours,
    Link,
    Load,
    LoadLimit,
    Matrix,
    Pin,
    PinKind,
    PlannedRoute,
    PlannedStop,
    Preference,
    Prices,
    Problem,
    Promise,
    Reserve,
    Skill,
    SoftWindow,
    Territory,
    TerritoryRule,
    Together,
    Transition,
    Visit,
    Window,
    WorkLimit,
)
from scheduling.dispatch.schedule import Scheduler
from scheduling.dispatch.settle import settle

MINUTE, HOUR = 60, 3600
VILLAGES = 20


def road(villages: int = VILLAGES, minutes: int = 10) -> Matrix:
    """Villages in a row, each ``minutes`` and as many kilometres from the next."""
    steps = np.abs(np.arange(villages)[:, None] - np.arange(villages)[None])
    return Matrix(
        (steps * minutes * MINUTE).astype(np.int32), (steps * minutes * 1000).astype(np.int32)
    )


def visit(name: str, place: int, **changes: object) -> Visit:
    """Half an hour of work at a village."""
    return replace(Visit(name, place, 30 * MINUTE), **changes)  # type: ignore[arg-type]


def crew(name: str, place: int = 0, **changes: object) -> Crew:
    """A crew at a village from 0 to 8 h, an hour of overtime allowed."""
    base = Crew(name, place, place, ready_at=0, shift_end=8 * HOUR, hard_end=9 * HOUR)
    return replace(base, **changes)  # type: ignore[arg-type]


def world(visits: Sequence[Visit], crews: Sequence[Crew], **changes: object) -> Problem:
    """A problem on the road of villages."""
    return Problem(tuple(visits), tuple(crews), road(), **changes)  # type: ignore[arg-type]


def with_plan(problem: Problem, routes: dict[str, Sequence[str]]) -> Problem:
    """The problem with a plan in force, timed by the scheduler."""
    scheduler = Scheduler(problem)
    plan = []
    for crew_id, names in routes.items():
        stops = scheduler.route(crew_id, names).stops
        plan.append(
            PlannedRoute(crew_id, tuple(PlannedStop(s.visit_id, s.start_at) for s in stops))
        )
    return replace(problem, plan=tuple(plan))


TAGS = ("drain", "drink", "gully")
seconds = st.integers(0, 10).map(lambda half_hours: half_hours * 30 * MINUTE)
skills = st.lists(st.sampled_from(["a", "b"]), max_size=1).map(
    lambda codes: tuple(Skill(code) for code in codes)
)


@st.composite
def windows(draw: st.DrawFn) -> tuple[Window, ...]:
    """None, one or two windows."""
    count = draw(st.integers(0, 2))
    edges = sorted(draw(st.sets(st.integers(0, 20), min_size=2 * count, max_size=2 * count)))
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return tuple(Window(a * 30 * MINUTE, b * 30 * MINUTE) for a, b in pairs)


@st.composite
def visits(draw: st.DrawFn, name: str) -> Visit:
    """A visit with any mixture of rules."""
    return Visit(
        id=name,
        place=draw(st.integers(0, VILLAGES - 1)),
        duration_s=draw(st.integers(0, 90)) * MINUTE,
        priority=draw(st.integers(1, 4)),
        windows=draw(windows()),
        ready_at=draw(st.none() | seconds),
        due_at=draw(st.none() | seconds),
        late_rate=draw(st.sampled_from([0, 2, 100, 400])),
        breach_cost=draw(st.sampled_from([0, 30_000])),
        is_urgent=draw(st.sampled_from([False, False, False, True])),
        skills=draw(skills),
        crew_size=draw(st.sampled_from([1, 1, 2])),
        load=draw(st.integers(0, 2)),
        bars=draw(st.sampled_from([(), (), (Bar("c0", "other_sector"),)])),
        preferences=draw(st.sampled_from([(), (Preference("c1", 5_000),)])),
        promise=draw(st.none() | st.builds(Promise, seconds, st.booleans())),
        **(draw(rarer_visit_rules()) if draw(st.booleans()) else {}),
    )


def rarely(values: st.SearchStrategy[object], usual: object) -> st.SearchStrategy[object]:
    """Mostly the usual value."""
    return st.one_of(st.just(usual), st.just(usual), values)


def rarer_visit_rules() -> st.SearchStrategy[dict[str, object]]:
    """Fields that most visits leave alone."""
    rates = st.sampled_from([0, 50, 300])
    wish = st.tuples(seconds, seconds).map(sorted)
    return st.fixed_dictionaries(
        {
            "any_skills": rarely(st.just((Skill("b"), Skill("c", 2))), ()),
            "wished_skills": rarely(st.just((Skill("b"),)), ()),
            "equipment": rarely(st.just(("pump",)), ()),
            "required_crews": rarely(st.just(("c0", "c2")), ()),
            "territory": rarely(st.sampled_from(["north", "south"]), None),
            "is_escalated": st.booleans(),
            "loads": rarely(st.integers(0, 3).map(lambda n: (Load("sign", n),)), ()),
            "kind": rarely(st.sampled_from(["sewage", "water"]), None),
            "soft_window": rarely(
                st.builds(lambda w, a, b: SoftWindow(w[0], w[1], a, b), wish, rates, rates), None
            ),
            "commitment": rarely(
                st.builds(Commitment, seconds, st.sampled_from([0, 9_000]), rates), None
            ),
            "delay_rate": rarely(st.sampled_from([1, 7]), 0),
            "bump_cost": rarely(st.sampled_from([None, 12_000]), 0),
            "crew_durations": rarely(paces(), ()),
            "tag": st.sampled_from([None, *TAGS]),
        }
    )


def transitions() -> st.SearchStrategy[tuple[Transition, ...]]:
    """Delays between some pairs of tags."""
    minutes = st.dictionaries(
        st.tuples(st.sampled_from(TAGS), st.sampled_from(TAGS)), st.integers(0, 90), max_size=5
    )
    return minutes.map(
        lambda told: tuple(Transition(a, b, each * MINUTE) for (a, b), each in told.items())
    )


def paces() -> st.SearchStrategy[object]:
    """Times on site of crews that are quick or new at it."""
    minutes = st.integers(0, 120)
    return st.builds(
        lambda quick, new: (
            CrewDuration("quick", quick * MINUTE),
            CrewDuration("new", new * MINUTE),
        ),
        minutes,
        minutes,
    )


def rarer_crew_rules() -> st.SearchStrategy[dict[str, object]]:
    """Fields that most crews leave alone."""
    hours = st.integers(0, 12).map(lambda h: h * HOUR)
    away = st.integers(0, 11).map(lambda h: (Window(h * HOUR, h * HOUR + 90 * MINUTE),))
    signs = st.builds(
        lambda most, soft: (LoadLimit("sign", most, min(soft, most), 4_000),),
        st.integers(0, 5),
        st.integers(0, 5),
    )
    duty = st.integers(0, 8).map(lambda h: Window(h * HOUR, (h + 3) * HOUR))
    return st.fixed_dictionaries(
        {
            "equipment": rarely(st.just(("pump",)), ()),
            "territories": rarely(st.just((Territory("north"), Territory("lent", 600))), ()),
            "rest_until": rarely(hours, None),
            "absences": rarely(away, ()),
            "max_route_s": rarely(hours, None),
            "max_travel_s": rarely(hours, None),
            "max_distance_m": rarely(st.integers(0, 400).map(lambda km: km * 1000), None),
            "max_from_home_s": rarely(st.integers(0, 150).map(lambda m: m * MINUTE), None),
            "max_from_home_m": rarely(st.integers(0, 150).map(lambda km: km * 1000), None),
            "max_visits": rarely(st.integers(0, 3), None),
            "reserve_s": rarely(hours, 0),
            "limits": rarely(signs, ()),
            "work_limit": rarely(st.just(WorkLimit(3 * HOUR, 20 * MINUTE)), None),
            "on_call": rarely(duty, None),
            "overtime_square": rarely(st.just(70), 0),
            "time_rate": rarely(st.just(13), 0),
            "distance_rate": rarely(st.just(333), 0),
            "experience": st.sampled_from([None, "quick", "new", "of another trade"]),
            "overtime_from": rarely(hours, None),
            "last_tag": rarely(st.sampled_from(TAGS), None),
        }
    )


@st.composite
def crews(draw: st.DrawFn, name: str) -> Crew:
    """A crew with any mixture of rules."""
    ready, end = draw(st.integers(0, 4)) * HOUR, draw(st.integers(5, 12)) * HOUR
    lunch = draw(st.integers(2, 6)) * HOUR
    return Crew(
        id=name,
        start_place=draw(st.integers(0, VILLAGES - 1)),
        end_place=draw(st.integers(0, VILLAGES - 1)),
        ready_at=ready,
        shift_end=end,
        hard_end=end + draw(st.sampled_from([0, HOUR])),
        is_out=draw(st.booleans()),
        skills=draw(
            st.sampled_from(
                [(Skill("a"), Skill("b")), (Skill("a"),), (Skill("a", 1, 7 * HOUR), Skill("b"))]
            )
        ),
        breaks=draw(st.sampled_from([(), (Break(lunch, lunch + HOUR, 45 * MINUTE),)])),
        travel_rate=draw(st.sampled_from([100, 120])),
        fixed_cost=draw(st.sampled_from([0, 6_000])),
        capacity=draw(st.sampled_from([None, 3])),
        size=draw(st.sampled_from([1, 2])),
        **(draw(rarer_crew_rules()) if draw(st.booleans()) else {}),
    )


DEAR = Prices(
    overskill=300,
    underskill=700,
    out_of_territory=9_000,
    eta_shift=11,
    waiting=17,
    resequence=2_500,
    uneven_hours=6_000,
    uneven_visits=800,
    promise_widens=20,
    far_percent=30,
)


def shared_rules() -> st.SearchStrategy[dict[str, object]]:
    """What few problems ask of all routes together."""
    sectors = st.sampled_from([None, None, "north"])
    span = st.tuples(st.integers(0, 6), st.integers(1, 3))
    reserve = st.builds(
        lambda crews, at, sector, need, price: Reserve(
            crews, (Window(at[0] * HOUR, (at[0] + at[1]) * HOUR),), sector, need, price
        ),
        st.integers(1, 3),
        span,
        sectors,
        skills,
        st.sampled_from([None, None, 0, 7_000, 400_000]),
    )
    hours = st.builds(KeptHours, st.integers(1, 100), sectors)
    return st.fixed_dictionaries(
        {
            "max_active_crews": rarely(st.integers(0, 3), None),
            "reserves": st.lists(reserve, max_size=2).map(tuple),
            "kept_hours": rarely(st.lists(hours, min_size=1, max_size=2).map(tuple), ()),
        }
    )


@st.composite
def problems(draw: st.DrawFn, most_visits: int = 8) -> Problem:
    """Any settled problem: rules of all kinds, a plan in force, pins and a freeze horizon."""
    crew_count, visit_count = draw(st.integers(1, 3)), draw(st.integers(1, most_visits))
    all_crews = [draw(crews(f"c{k}")) for k in range(crew_count)]
    all_visits = [draw(visits(f"v{k}")) for k in range(visit_count)]
    lists: list[list[str]] = [[] for _ in range(crew_count)]
    for one in all_visits:
        where = draw(st.integers(-1, crew_count - 1))
        if where >= 0:
            lists[where].append(one.id)
    prices = draw(st.sampled_from([Prices(), Prices(overskill=300), Prices(0, 0, 0), DEAR]))
    rare = {
        "incompatible": draw(st.sampled_from([(), (), (("sewage", "water"),)])),
        "territory_rule": draw(st.sampled_from(list(TerritoryRule))),
        "transitions": draw(rarely(transitions(), ())),
        **(draw(shared_rules()) if draw(st.booleans()) else {}),
    }
    cold = world(all_visits, all_crews, prices=prices, now=0, **rare)
    planned = with_plan(cold, {f"c{k}": names for k, names in enumerate(lists)})
    horizon = draw(st.sampled_from([0, 0, 2 * HOUR]))
    return settle(replace(planned, frozen_until=horizon, pins=draw(pins(lists))))


@st.composite
def pins(draw: st.DrawFn, lists: list[list[str]]) -> tuple[Pin, ...]:
    """At most one pin, on a planned visit."""
    planned = [(name, f"c{k}") for k, names in enumerate(lists) for name in names]
    if not planned or draw(st.booleans()):
        return ()
    name, crew_id = draw(st.sampled_from(planned))
    kind = draw(st.sampled_from(list(PinKind)))
    window = Window(2 * HOUR, 4 * HOUR) if kind is PinKind.TIME else None
    return (Pin(name, crew_id, kind, window),)


@st.composite
def linked_problems(draw: st.DrawFn) -> Problem:
    """Any settled problem in which some visits start together or after one another."""
    base = draw(problems())
    names = [one.id for one in base.visits if one.shortest_s > 0]
    order = draw(st.permutations(names))
    links: list[Link] = []
    if len(order) >= 2 and draw(st.booleans()):
        links.append(Together(tuple(order[: draw(st.integers(2, min(3, len(order))))])))
    for first, then in pairwise(order[1:]):
        lag = draw(st.none() | st.sampled_from([(0, None), (900, None), (0, 3600)]))
        if lag is not None and not any(
            isinstance(link, Together) and {first, then} <= set(link.visit_ids) for link in links
        ):
            links.append(After(first, then, *lag, same_crew=draw(st.booleans())))
    return settle(replace(base, links=tuple(links)))
