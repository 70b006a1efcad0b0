"""Problems and solutions as JSON, for solver processes, replays and bug reports.

A file says its units at its top, so that it can be read in ten years without this code. Refuses
to repair: a document that misses a key or names an unknown unit is an error.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Final, TypedDict, cast

import numpy as np

from scheduling.dispatch.problem import (
    Bar,
    Break,
    Crew,
    IntMatrix,
    Matrix,
    Pin,
    PinKind,
    PlannedRoute,
    PlannedStop,
    Preference,
    Prices,
    Problem,
    ProblemError,
    Promise,
    Relaxation,
    Skill,
    Visit,
    Window,
)
from scheduling.dispatch.solution import (
    Param,
    Pause,
    Route,
    Solution,
    Stop,
    Unserved,
    UnservedReason,
)

PROBLEM_FORMAT: Final = "dispatch-problem/1"
SOLUTION_FORMAT: Final = "dispatch-solution/1"
UNITS: Final = {"time": "second", "distance": "metre", "cost": "1/100 second of driving"}

Json = Mapping[str, object]


class _Header(TypedDict):
    format: str
    units: dict[str, str]


def problem_to_json(problem: Problem) -> str:
    """The problem as one JSON document."""
    head = _Header(format=PROBLEM_FORMAT, units=dict(UNITS))
    body = {
        "now": problem.now,
        "frozen_until": problem.frozen_until,
        "relaxation": problem.relaxation.value,
        "prices": asdict(problem.prices),
        "visits": [asdict(visit) for visit in problem.visits],
        "crews": [asdict(crew) for crew in problem.crews],
        "plan": [asdict(route) for route in problem.plan],
        "pins": [asdict(pin) for pin in problem.pins],
        "matrix": {
            "seconds": problem.matrix.seconds.tolist(),
            "metres": problem.matrix.metres.tolist(),
        },
    }
    return json.dumps({**head, **body}, separators=(",", ":"))


def problem_from_json(text: str) -> Problem:
    """The problem a document describes.

    Raises:
        ProblemError: the document has another format or other units, or contradicts itself.
    """
    document = _open(text, PROBLEM_FORMAT)
    tables = _mapping(document["matrix"])
    return Problem(
        visits=tuple(_visit(row) for row in _rows(document["visits"])),
        crews=tuple(_crew(row) for row in _rows(document["crews"])),
        matrix=Matrix(_table(tables["seconds"]), _table(tables["metres"])),
        now=_int(document["now"]),
        frozen_until=_int(document["frozen_until"]),
        plan=tuple(_planned(row) for row in _rows(document["plan"])),
        pins=tuple(_pin(row) for row in _rows(document["pins"])),
        prices=Prices(**{k: _int(v) for k, v in _mapping(document["prices"]).items()}),
        relaxation=Relaxation(str(document["relaxation"])),
    )


def solution_to_json(solution: Solution) -> str:
    """The solution as one JSON document."""
    head = _Header(format=SOLUTION_FORMAT, units=dict(UNITS))
    body = {
        "routes": [asdict(route) for route in solution.routes],
        "unserved": [
            {
                "visit_id": left_out.visit_id,
                "reason": left_out.reason,
                "example_crew_id": left_out.example_crew_id,
                "params": dict(left_out.params),
            }
            for left_out in solution.unserved
        ],
    }
    return json.dumps({**head, **body}, separators=(",", ":"))


def solution_from_json(text: str) -> Solution:
    """The solution a document describes.

    Raises:
        ProblemError: the document has another format or other units.
    """
    document = _open(text, SOLUTION_FORMAT)
    return Solution(
        routes=tuple(_route(row) for row in _rows(document["routes"])),
        unserved=tuple(_unserved(row) for row in _rows(document["unserved"])),
    )


def _open(text: str, wanted: str) -> Json:
    document = _mapping(json.loads(text))
    if document.get("format") != wanted or document.get("units") != UNITS:
        raise ProblemError(f"not a {wanted} document in known units")
    return document


def _mapping(value: object) -> Json:
    if not isinstance(value, dict):
        raise ProblemError("expected an object")
    return cast(Json, value)


def _rows(value: object) -> Iterable[Json]:
    if not isinstance(value, list):
        raise ProblemError("expected a list")
    return [_mapping(row) for row in value]


def _int(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ProblemError(f"expected an integer, got {value!r}")
    return value


def _maybe_int(value: object) -> int | None:
    return None if value is None else _int(value)


def _maybe_str(value: object) -> str | None:
    return None if value is None else str(value)


def _table(value: object) -> IntMatrix:
    table = np.array(value, dtype=np.int32)
    return table.reshape(0, 0) if table.size == 0 else table


def _window(row: Json) -> Window:
    return Window(_int(row["opens_at"]), _int(row["closes_at"]))


def _skill(row: Json) -> Skill:
    return Skill(str(row["code"]), _int(row["level"]))


def _visit(row: Json) -> Visit:
    promise = row["promise"]
    return Visit(
        id=str(row["id"]),
        place=_int(row["place"]),
        duration_s=_int(row["duration_s"]),
        priority=_int(row["priority"]),
        windows=tuple(_window(w) for w in _rows(row["windows"])),
        ready_at=_maybe_int(row["ready_at"]),
        due_at=_maybe_int(row["due_at"]),
        late_rate=_int(row["late_rate"]),
        breach_cost=_int(row["breach_cost"]),
        unserved_cost=_int(row["unserved_cost"]),
        is_urgent=bool(row["is_urgent"]),
        skills=tuple(_skill(s) for s in _rows(row["skills"])),
        crew_size=_int(row["crew_size"]),
        load=_int(row["load"]),
        bars=tuple(Bar(str(b["crew_id"]), str(b["reason"])) for b in _rows(row["bars"])),
        preferences=tuple(
            Preference(str(p["crew_id"]), _int(p["cost"])) for p in _rows(row["preferences"])
        ),
        promise=None if promise is None else _promise(_mapping(promise)),
    )


def _promise(row: Json) -> Promise:
    return Promise(_int(row["start_at"]), bool(row["is_told"]))


def _break(row: Json) -> Break:
    return Break(_int(row["earliest_at"]), _int(row["latest_at"]), _int(row["duration_s"]))


def _crew(row: Json) -> Crew:
    return Crew(
        id=str(row["id"]),
        start_place=_int(row["start_place"]),
        end_place=_int(row["end_place"]),
        ready_at=_int(row["ready_at"]),
        shift_end=_int(row["shift_end"]),
        hard_end=_int(row["hard_end"]),
        is_out=bool(row["is_out"]),
        skills=tuple(_skill(s) for s in _rows(row["skills"])),
        breaks=tuple(_break(b) for b in _rows(row["breaks"])),
        overtime_rate=_int(row["overtime_rate"]),
        travel_rate=_int(row["travel_rate"]),
        fixed_cost=_int(row["fixed_cost"]),
        capacity=_maybe_int(row["capacity"]),
        size=_int(row["size"]),
    )


def _planned(row: Json) -> PlannedRoute:
    stops = _rows(row["stops"])
    return PlannedRoute(
        str(row["crew_id"]),
        tuple(PlannedStop(str(stop["visit_id"]), _int(stop["start_at"])) for stop in stops),
    )


def _pin(row: Json) -> Pin:
    window = row["window"]
    return Pin(
        visit_id=str(row["visit_id"]),
        crew_id=str(row["crew_id"]),
        kind=PinKind(str(row["kind"])),
        window=None if window is None else _window(_mapping(window)),
    )


def _route(row: Json) -> Route:
    return Route(
        crew_id=str(row["crew_id"]),
        stops=tuple(_stop(stop) for stop in _rows(row["stops"])),
        pauses=tuple(
            Pause(_int(p["start_at"]), _int(p["end_at"]), _int(p["before"]))
            for p in _rows(row["pauses"])
        ),
        end_at=_int(row["end_at"]),
        travel_s=_int(row["travel_s"]),
        distance_m=_int(row["distance_m"]),
    )


def _stop(row: Json) -> Stop:
    return Stop(
        visit_id=str(row["visit_id"]),
        depart_at=_int(row["depart_at"]),
        travel_s=_int(row["travel_s"]),
        distance_m=_int(row["distance_m"]),
        arrive_at=_int(row["arrive_at"]),
        start_at=_int(row["start_at"]),
        end_at=_int(row["end_at"]),
    )


def _unserved(row: Json) -> Unserved:
    return Unserved(
        visit_id=str(row["visit_id"]),
        reason=cast(UnservedReason, str(row["reason"])),
        example_crew_id=_maybe_str(row["example_crew_id"]),
        params=cast(Mapping[str, Param], _mapping(row["params"])),
    )
