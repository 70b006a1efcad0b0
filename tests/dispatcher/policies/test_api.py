"""The policy over HTTP: read, tried, adopted; what it scored keeps it."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlmodel import select

from dispatcher.incidents import scoring
from dispatcher.models import EventRow
from dispatcher.reference.readers import read_folder
from dispatcher.reference.territory import load_territory, territory_folder
from priority.policy import Policy
from tests.support.desk import BRIVE, TULLE, USSEL, Desk
from tests.support.world import ORG, World

Json = dict[str, Any]
NO_P2 = "[thresholds]\np1 = 95\np2 = 90\np3 = 1\n"
STRICT = "[thresholds]\np1 = 95\np2 = 90\np3 = 85\n"


@pytest.fixture
async def desk(either_world: World) -> AsyncIterator[Desk]:
    """An administrator's desk, on each kind of store."""
    async with either_world.client("admin") as http:
        yield Desk(either_world, http)


async def ask(desk: Desk, path: str, **body: Any) -> Json:
    answer = await desk.http.post(f"/api/v1/policy/{path}", json=body)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def adopt(desk: Desk, text: str, replaces: int = 1) -> httpx.Response:
    body = {"text": text, "note": "délibération du 24 novembre", "replaces": replaces}
    answer = await desk.http.post("/api/v1/policy/adopt", json=body)
    await desk.world.settle()
    return answer


async def read(desk: Desk, incident: UUID) -> Json:
    found: Json = (await desk.http.get(f"/api/v1/incidents/{incident}")).json()
    return found


async def test_the_policy_in_force_is_read_as_text_that_says_the_same(desk: Desk) -> None:
    found = (await desk.http.get("/api/v1/policy")).json()

    assert (found["version"], found["adopted_by"]) == (1, None)
    assert Policy.from_toml(found["text"]) == Policy.model_validate(found["body"])
    assert "# Score à partir duquel une classe commence." in found["text"]


async def test_a_mistake_is_named_with_its_field_and_line(desk: Desk) -> None:
    found = await ask(desk, "check", text='name = "Été"\n\n[thresholds]\np1 = 300\n')
    (problem,) = found["problems"]
    assert (problem["path"], problem["line"], found["valid"]) == ("thresholds.p1", 4, False)
    assert problem["code"] == "less_than_equal"
    assert problem["params"] == {"le": 100}

    broken = await ask(desk, "check", text='name = "Été\n')
    assert [(p["line"], p["code"]) for p in broken["problems"]] == [(1, "not_toml")]
    unknown = await ask(desk, "check", text="\nnoise = 3\n")
    assert [(p["path"], p["line"]) for p in unknown["problems"]] == [("noise", 2)]


async def test_a_draft_is_tried_on_incidents_before_anything_changes(desk: Desk) -> None:
    incident = await desk.incident("water_main_burst", TULLE)
    before = await read(desk, incident)

    found = await ask(desk, "check", text=STRICT)

    (sample,) = found["samples"]
    assert sample["ref"] == before["ref"]
    assert sample["before"] == {"priority": before["priority"], "score": before["score"]}
    assert sample["after"] == {"priority": "P4", "score": before["score"]}
    assert await read(desk, incident) == before


async def test_a_replay_says_who_changes_class_and_who_would_have_waited(desk: Desk) -> None:
    burst = await desk.incident("water_main_burst", TULLE)
    await desk.incident("lamp_out", BRIVE)
    await desk.http.post(f"/api/v1/incidents/{burst}/transitions", json={"to": "cancelled"})

    found = await ask(desk, "replay", text=NO_P2)

    assert (found["incidents"], found["changed"], found["would_wait"]) == (2, 1, 1)
    assert sum(pair["count"] for pair in found["classes"]) == 2
    (move,) = found["moves"]
    assert (move["before"]["priority"], move["after"]["priority"]) == ("P2", "P3")
    same = await ask(desk, "replay", text="")
    assert same["changed"] == 0


async def test_a_replay_reads_the_past_of_another_system(desk: Desk) -> None:
    csv = (
        "ref;category;reported_at;dangers;sites;homes_without_water\n"
        "A1;water_main_burst;2025-01-06T08:00:00+01:00;home_flooded;hospital:90;142\n"
        "A2;lamp_out;2025-01-06T23:00:00+01:00;;;\n"
    )
    found = await ask(desk, "replay", text=STRICT, csv=csv)
    assert found["incidents"] == 2
    assert [move["ref"] for move in found["moves"]] == ["A1"]

    wrong_head = {"text": "", "csv": csv.replace("sites;", "pages;")}
    answer = await desk.http.post("/api/v1/policy/replay", json=wrong_head)
    assert (answer.status_code, answer.json()["params"]["line"]) == (422, 1)


async def test_bad_lines_of_a_file_are_named_and_the_others_count(desk: Desk) -> None:
    csv = (
        "\ufeffref,category,reported_at,at,dangers,sites,homes_without_water\r\n"
        'A1,water_main_burst,2025-01-06T08:00:00Z,,home_flooded,hospital:90,"142,0"\r\n'
        "A2,dragon,2025-01-06T08:00:00Z,,,,\r\n"
        "A3,lamp_out,2025-01-06T23:00:00,,,,\r\n"
        "A4,lamp_out,hier,,,,\r\n"
        "A5,lamp_out,2025-01-06T23:00:00Z,2025-01-06T22:00:00Z,,,\r\n"
        "A6,lamp_out,2025-01-06T23:00:00Z,,dragon,,\r\n"
        "A7,lamp_out,2025-01-06T23:00:00Z,,,hospital,\r\n"
        "A8,lamp_out,2025-01-06T23:00:00Z,,,,many\r\n"
        "A9,lamp_out,2025-01-06T23:00:00Z,,,,1,2\r\n"
        "A10,lamp_out,2025-01-06T23:00:00Z,,,,\r\n"
    )
    found = await ask(desk, "replay", text=STRICT, csv=csv)

    assert (found["incidents"], found["bad_count"]) == (2, 8)
    told = [(one["line"], one["column"], one["fault"], one["word"]) for one in found["bad_lines"]]
    assert told == [
        (3, "category", "unknown_category", "dragon"),
        (4, "reported_at", "no_offset", "2025-01-06T23:00:00"),
        (5, "reported_at", "not_an_instant", "hier"),
        (6, "at", "before_report", "2025-01-06T22:00:00Z"),
        (7, "dangers", "unknown_danger", "dragon"),
        (8, "sites", "not_a_number", ""),
        (9, "homes_without_water", "not_a_number", "many"),
        (10, "", "too_many_cells", ""),
    ]


async def test_an_adopted_policy_rescores_what_lives_and_leaves_what_is_over(desk: Desk) -> None:
    over = await desk.incident("water_main_burst", USSEL)
    await desk.http.post(f"/api/v1/incidents/{over}/transitions", json={"to": "cancelled"})
    living = await desk.incident("water_main_burst", TULLE)
    before = await read(desk, over)

    answer = await adopt(desk, f'name = "Hiver"\n{STRICT}')

    assert answer.status_code == 200, answer.text
    assert (answer.json()["name"], answer.json()["version"]) == ("Hiver", 2)
    changed, kept = await read(desk, living), await read(desk, over)
    assert (changed["priority"], changed["policy"]["name"]) == ("P4", "Hiver")
    assert kept["priority"] == before["priority"]
    assert kept["policy"] == {**before["policy"], "name": "Référence", "version": 1}
    with desk.world.look() as session:
        event = session.exec(select(EventRow).where(EventRow.type == "policy.adopted")).one()
        assert scoring.policy_in_force(session, ORG).version == 2
    assert event.data["note"] == "délibération du 24 novembre"
    assert event.actor == desk.world.actor("admin").label
    listed = (await desk.http.get("/api/v1/policy/versions")).json()
    assert [(v["version"], v["state"]) for v in listed] == [(2, "in_force"), (1, "past")]


async def test_of_two_who_adopt_one_is_told_that_he_was_late(desk: Desk) -> None:
    assert (await adopt(desk, STRICT)).status_code == 200
    late = await adopt(desk, "", replaces=1)
    assert (late.status_code, late.json()["params"]["current"]) == (409, 2)
    assert (await adopt(desk, "", replaces=2)).json()["version"] == 3


async def test_what_is_no_policy_is_not_adopted(desk: Desk) -> None:
    answer = await adopt(desk, "[thresholds]\np1 = 10\n")
    assert answer.status_code == 422
    assert answer.json()["params"]["field"] == "thresholds"
    assert (await desk.http.get("/api/v1/policy")).json()["version"] == 1


async def test_a_draft_is_shared_and_gone_once_adopted(desk: Desk) -> None:
    draft = "not even TOML ["
    await desk.http.put("/api/v1/policy/draft", json={"text": draft})
    async with desk.world.client("observer") as council:
        seen = (await council.get("/api/v1/policy/draft")).json()
        assert (seen["text"], seen["by"]) == (draft, "Admin")
        body = {"text": "", "note": "moi", "replaces": 1}
        assert (await council.post("/api/v1/policy/adopt", json=body)).status_code == 403
        assert (await council.post("/api/v1/policy/check", json={"text": ""})).status_code == 200

    await adopt(desk, STRICT)
    assert (await desk.http.get("/api/v1/policy/draft")).json()["text"] is None


async def test_importing_reference_data_again_leaves_what_a_council_adopted(desk: Desk) -> None:
    await adopt(desk, STRICT)
    territory = read_folder(territory_folder())
    await desk.world.do(lambda tx: load_territory(tx, territory))

    assert (await desk.http.get("/api/v1/policy")).json()["body"]["thresholds"]["p1"] == 95


async def test_overrides_are_counted_and_become_hints(desk: Desk) -> None:
    made = [await desk.incident("pothole", {"lat": 45.1 + n / 20, "lon": 1.6}) for n in range(6)]
    for incident in made[:4]:
        seen = await read(desk, incident)
        answer = await desk.http.patch(
            f"/api/v1/incidents/{incident}",
            json={"override": {"priority": "P1", "reason": "école à côté"}},
            headers={"If-Match": f'"v{seen["ver"]}"'},
        )
        assert (answer.json()["priority"], answer.json()["computed"]) == ("P1", seen["priority"])

    found = (await desk.http.get("/api/v1/policy/overrides")).json()

    assert (found["seen"], found["raised"], found["lowered"]) == (6, 4, 0)
    hint = next(one for one in found["rules"] if one["rule"] == "category")
    assert (hint["kind"], hint["seen"], hint["raised"]) == ("pothole", 6, 4)
    assert hint["advice"] == "more"
    assert hint["low"] < hint["rate"] < hint["high"]
    assert (await read(desk, made[0]))["override_reason"] == "école à côté"


async def test_an_elected_council_drafts_replays_and_adopts_without_seeing_who_called(
    desk: Desk,
) -> None:
    incident = await desk.incident("water_main_burst", TULLE)
    seen = await read(desk, incident)
    await desk.http.patch(
        f"/api/v1/incidents/{incident}",
        json={"title": "Chez Mme Pradier"},
        headers={"If-Match": f'"v{seen["ver"]}"'},
    )
    async with desk.world.client("council") as http:
        council = Desk(desk.world, http)
        draft = await http.put("/api/v1/policy/draft", json={"text": STRICT})
        tried = await http.post("/api/v1/policy/replay", json={"text": STRICT})
        checked = await http.post("/api/v1/policy/check", json={"text": STRICT})
        adopted = await adopt(council, STRICT)
        hidden = [
            (await http.get(path)).status_code
            for path in ("/api/v1/board", "/api/v1/incidents", f"/api/v1/incidents/{incident}")
        ]
    assert (draft.status_code, tried.json()["changed"], adopted.status_code) == (200, 1, 200)
    assert [one["title"] for one in checked.json()["samples"]] == [seen["title"]]
    assert "Pradier" not in tried.text + checked.text
    assert hidden == [403, 403, 403]
