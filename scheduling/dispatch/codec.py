"""Problems and solutions as JSON, for solver processes, replays and bug reports.

A file says its units at its top, so that it can be read in ten years without this code. Refuses
to repair: a document that misses a key or names an unknown unit is an error.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Final, TypedDict, cast

import numpy as np

from scheduling.dispatch.decode import integer, mapping, record, rows
from scheduling.dispatch.problem import (
    After,
    Crew,
    IntMatrix,
    KeptHours,
    Link,
    Matrix,
    Pin,
    PlannedRoute,
    Prices,
    Problem,
    ProblemError,
    Relaxation,
    Reserve,
    TerritoryRule,
    Together,
    Transition,
    Visit,
)
from scheduling.dispatch.solution import Param, Route, Solution, Unserved, UnservedReason

PROBLEM_FORMAT: Final = "dispatch-problem/4"
SOLUTION_FORMAT: Final = "dispatch-solution/2"
UNITS: Final = {"time": "second", "distance": "metre", "cost": "1/100 second of driving"}
LINKS: Final[Mapping[str, type[Link]]] = {"together": Together, "after": After}

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
        "territory_rule": problem.territory_rule.value,
        "location_max_age_s": problem.location_max_age_s,
        "churn_max": problem.churn_max,
        "max_active_crews": problem.max_active_crews,
        "reserves": [asdict(reserve) for reserve in problem.reserves],
        "kept_hours": [asdict(hours) for hours in problem.kept_hours],
        "transitions": [asdict(one) for one in problem.transitions],
        "prices": asdict(problem.prices),
        "visits": [asdict(visit) for visit in problem.visits],
        "crews": [asdict(crew) for crew in problem.crews],
        "plan": [asdict(route) for route in problem.plan],
        "pins": [asdict(pin) for pin in problem.pins],
        "links": [{"type": type(link).__name__.lower(), **asdict(link)} for link in problem.links],
        "incompatible": [list(pair) for pair in problem.incompatible],
        "matrix": {
            "seconds": problem.matrix.seconds.tolist(),
            "metres": problem.matrix.metres.tolist(),
        },
    }
    return json.dumps({**head, **body}, separators=(",", ":"))


def problem_from_json(text: str) -> Problem:
    """The problem a document describes.

    Raises:
        ProblemError: the document has another format or other units, misses a key, or
            contradicts itself.
    """
    document = _open(text, PROBLEM_FORMAT)
    tables = mapping(document["matrix"])
    age, churn = document["location_max_age_s"], document["churn_max"]
    active = document["max_active_crews"]
    return Problem(
        visits=tuple(record(Visit, row) for row in rows(document["visits"])),
        crews=tuple(record(Crew, row) for row in rows(document["crews"])),
        matrix=Matrix(_table(tables["seconds"]), _table(tables["metres"])),
        now=integer(document["now"]),
        frozen_until=integer(document["frozen_until"]),
        plan=tuple(record(PlannedRoute, row) for row in rows(document["plan"])),
        pins=tuple(record(Pin, row) for row in rows(document["pins"])),
        prices=record(Prices, document["prices"]),
        relaxation=Relaxation(str(document["relaxation"])),
        links=tuple(_links(document["links"])),
        incompatible=tuple(_pair(row) for row in rows(document["incompatible"])),
        territory_rule=TerritoryRule(str(document["territory_rule"])),
        location_max_age_s=None if age is None else integer(age),
        churn_max=None if churn is None else integer(churn),
        max_active_crews=None if active is None else integer(active),
        reserves=tuple(record(Reserve, row) for row in rows(document["reserves"])),
        kept_hours=tuple(record(KeptHours, row) for row in rows(document["kept_hours"])),
        transitions=tuple(record(Transition, row) for row in rows(document["transitions"])),
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
        routes=tuple(record(Route, row) for row in rows(document["routes"])),
        unserved=tuple(_unserved(mapping(row)) for row in rows(document["unserved"])),
    )


def _open(text: str, wanted: str) -> "_Document":
    document = mapping(json.loads(text))
    if document.get("format") != wanted or document.get("units") != UNITS:
        raise ProblemError(f"not a {wanted} document in known units")
    return _Document(document)


class _Document:
    """A document whose missing keys are errors with a name."""

    def __init__(self, values: Json) -> None:
        self._values = values

    def __getitem__(self, key: str) -> object:
        if key not in self._values:
            raise ProblemError(f"the document misses {key}")
        return self._values[key]


def _table(value: object) -> IntMatrix:
    table = np.array(value, dtype=np.int32)
    return table.reshape(0, 0) if table.size == 0 else table


def _links(value: object) -> Iterator[Link]:
    for row in rows(value):
        given = dict(mapping(row))
        kind = LINKS.get(str(given.pop("type", None)))
        if kind is None:
            raise ProblemError(f"unknown link {row!r}")
        yield record(kind, given)


def _pair(value: object) -> tuple[str, str]:
    one, other = (str(kind) for kind in rows(value))
    return one, other


def _unserved(row: Json) -> Unserved:
    example = row["example_crew_id"]
    return Unserved(
        visit_id=str(row["visit_id"]),
        reason=cast(UnservedReason, str(row["reason"])),
        example_crew_id=None if example is None else str(example),
        params=cast(Mapping[str, Param], mapping(row["params"])),
    )
