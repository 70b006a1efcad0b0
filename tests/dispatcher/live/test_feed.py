"""Who learns what: the same image in the view of operators, of a crew and of a citizen."""

from typing import Any
from uuid import UUID

import pytest

from dispatcher.live.feed import Audience, Labels, citizen_item, crew_item, publications
from dispatcher.models import EventRow
from tests.support.world import TUESDAY

CREW, OTHER = UUID(int=1), UUID(int=2)
INCIDENT, VISIT = UUID(int=3), UUID(int=4)


def incident(**changes: Any) -> dict[str, Any]:
    image = {
        "kind": "incident", "id": str(INCIDENT), "ver": 3, "ref": "2026-00001",
        "state": "in_progress", "category": "pothole", "service": "roads", "title": "Nid-de-poule",
        "place": {"label": "14 rue Carnot", "commune": "Tulle", "insee": "19272",
                  "lat": 45.26, "lon": 1.77},
        "priority": "P2", "score": 61, "severity": 31, "urgency": 30, "overridden": False,
        "reasons": [{"rule": "danger", "axis": "severity", "points": 8, "params": {}}],
        "reported_at": "2026-11-24T08:00:00Z", "updated_at": "2026-11-24T08:05:00Z",
        "respond_by": None, "restore_by": None, "reports": 2, "channels": ["phone"],
        "acknowledged_by": "Nadia B.", "hold_reason": None, "merged_into": None,
        "simulated": False,
        "progress": {"step": "planned", "window_from": None, "window_to": None,
                     "stamps": {"received": "2026-11-24T08:00:00Z"}},
    }  # fmt: skip
    return image | changes


def visit(**changes: Any) -> dict[str, Any]:
    image = {
        "kind": "visit", "id": str(VISIT), "ver": 2, "incident_id": str(INCIDENT),
        "crew_id": str(CREW), "state": "assigned", "archived": False,
    }  # fmt: skip
    return image | changes


def event(*images: dict[str, Any], **data: Any) -> EventRow:
    return EventRow(
        seq=7,
        id=UUID(int=9),
        org="correze",
        type="visit.assigned",
        at=TUESDAY,
        recorded_at=TUESDAY,
        actor="system",
        data=data,
        after=list(images),
        simulated=False,
        hash="",
    )


AUDIENCE = Audience(
    requests={INCIDENT: ("request:abc", "request:def")},
    crews=(CREW, OTHER),
    labels={"pothole": Labels("Nid-de-poule", "Pothole")},
)


def test_one_event_is_one_publication_for_each_topic_it_concerns():
    told = publications(event(incident(), visit()), AUDIENCE)
    assert [topic for topic, _ in told] == [
        "board:correze",
        "request:abc",
        "request:def",
        f"crew:{CREW}",
    ]
    board = dict(told)["board:correze"]
    assert (board.offset, board.key, board.at) == (
        7,
        f"incident:{INCIDENT}",
        "2026-11-24T08:00:00Z",
    )
    assert [item.key for item in board.also] == [f"visit:{VISIT}"]


def test_a_citizen_learns_the_step_and_nothing_of_how_we_work():
    view = citizen_item(incident(), AUDIENCE.labels).data
    assert view is not None
    assert view["step"] == "planned"
    assert view["category_label_fr"] == "Nid-de-poule"
    hidden = {"priority", "score", "reasons", "acknowledged_by", "title", "state", "crew_id", "id"}
    assert not hidden & set(view)
    assert set(view["place"]) == {"label", "commune"}
    assert "Nadia" not in str(view)


def test_a_crew_sees_its_own_visits_only():
    assert crew_item(visit(), CREW).data is not None
    assert crew_item(visit(), OTHER).data is None


def test_the_crew_that_loses_a_visit_is_told_that_it_is_gone():
    told = dict(publications(event(visit(crew_id=str(OTHER)), left_crew_id=str(CREW)), AUDIENCE))
    assert told[f"crew:{OTHER}"].data is not None
    assert told[f"crew:{CREW}"].data is None
    assert told[f"crew:{CREW}"].ver == 2


@pytest.mark.parametrize("state", ["closed", "cancelled", "merged", "answered", "transferred"])
def test_an_incident_that_asks_nothing_more_leaves_the_board_but_not_its_citizen(state):
    told = dict(publications(event(incident(state=state)), AUDIENCE))
    assert told["board:correze"].data is None
    assert told["request:abc"].data is not None


@pytest.mark.parametrize("changes", [{"state": "cancelled"}, {"archived": True}])
def test_a_visit_that_is_over_leaves_the_board_and_the_crew(changes):
    told = dict(publications(event(visit(**changes)), AUDIENCE))
    assert told["board:correze"].data is None
    assert told[f"crew:{CREW}"].data is None


def test_the_clock_goes_to_every_crew_and_an_unknown_kind_to_no_citizen():
    clock = {"kind": "clock", "ver": 1, "at": "2026-11-24T08:00:00Z"}
    told = publications(event(clock), AUDIENCE)
    crews = [f"crew:{CREW}", f"crew:{OTHER}"]
    assert [topic for topic, _ in told] == ["board:correze", *crews, "experts:correze"]


def test_of_two_images_of_one_thing_in_an_event_the_newest_is_told():
    told = dict(publications(event(incident(ver=3), incident(ver=4, title="Autre")), AUDIENCE))
    assert told["board:correze"].ver == 4
    assert told["board:correze"].also == ()
