"""Filters of the queue: everybody's own, and those that an administrator shares."""

from typing import Any

import httpx

from tests.support.world import World

Json = dict[str, Any]
PATH = "/api/v1/board/filters"
WATER = {
    "name": "Eau, Tulle",
    "wanted": {"words": "fuite", "priorities": ["P1", "P2"], "services": ["drinking_water"]},
}


async def names(http: httpx.AsyncClient) -> list[str]:
    return [one["name"] for one in (await http.get(PATH)).json()]


async def test_a_filter_is_kept_for_its_owner_and_nobody_else(either_world: World) -> None:
    async with (
        either_world.client("dispatcher") as mine,
        either_world.client("operator") as other,
    ):
        made = await mine.post(PATH, json=WATER)
        assert made.status_code == 201, made.text
        kept: Json = made.json()
        assert kept["wanted"]["priorities"] == ["P1", "P2"]
        assert kept["wanted"]["states"] == []
        assert kept["shared"] is False
        assert (await mine.get(PATH)).json() == [kept]
        assert await names(other) == []
        assert (await other.delete(f"{PATH}/{kept['id']}")).status_code == 404
        assert (await other.put(f"{PATH}/{kept['id']}", json=WATER)).status_code == 404


async def test_a_filter_is_renamed_changed_and_forgotten(either_world: World) -> None:
    async with either_world.client("dispatcher") as http:
        kept = (await http.post(PATH, json=WATER)).json()
        body = {"name": "À moi", "wanted": {"mine": True, "sectors": ["Tulle"]}}
        changed = await http.put(f"{PATH}/{kept['id']}", json=body)
        assert changed.json()["wanted"]["mine"] is True
        assert changed.json()["wanted"]["words"] == ""
        assert await names(http) == ["À moi"]
        assert (await http.delete(f"{PATH}/{kept['id']}")).status_code == 204
        assert await names(http) == []
        assert (await http.delete(f"{PATH}/{kept['id']}")).status_code == 404


async def test_shared_filters_come_first_and_only_an_administrator_makes_them(
    either_world: World,
) -> None:
    shared = {**WATER, "name": "Tous les P1", "shared": True}
    async with (
        either_world.client("admin") as admin,
        either_world.client("dispatcher") as http,
    ):
        assert (await http.post(PATH, json=shared)).status_code == 403
        made = (await admin.post(PATH, json=shared)).json()
        assert made["shared"] is True
        await http.post(PATH, json={**WATER, "name": "Arbres"})
        assert await names(http) == ["Tous les P1", "Arbres"]
        assert (await http.put(f"{PATH}/{made['id']}", json=shared)).status_code == 403
        assert (await http.delete(f"{PATH}/{made['id']}")).status_code == 403
        assert (await admin.delete(f"{PATH}/{made['id']}")).status_code == 204


async def test_two_filters_of_one_person_have_different_names(either_world: World) -> None:
    async with either_world.client("dispatcher") as http:
        await http.post(PATH, json=WATER)
        again = await http.post(PATH, json={**WATER, "name": "EAU, tulle"})
        assert (again.status_code, again.json()["params"]["reason"]) == (409, "filter_name_taken")
        other = (await http.post(PATH, json={**WATER, "name": "Voirie"})).json()
        renamed = await http.put(f"{PATH}/{other['id']}", json=WATER)
        assert renamed.status_code == 409


async def test_nobody_keeps_more_than_thirty(world: World) -> None:
    async with world.client("dispatcher") as http:
        for number in range(30):
            made = await http.post(PATH, json={**WATER, "name": f"n° {number}"})
            assert made.status_code == 201
        full = await http.post(PATH, json={**WATER, "name": "un de trop"})
        assert (full.status_code, full.json()["params"]["reason"]) == (409, "filters_at_most")


async def test_a_filter_that_means_nothing_is_refused(world: World) -> None:
    async with world.client("dispatcher") as http:
        for wanted in ({"priorities": ["P9"]}, {"states": ["gone"]}, {"colour": "red"}):
            refused = await http.post(PATH, json={"name": "faux", "wanted": wanted})
            assert refused.status_code == 422


async def test_each_commune_has_its_sector(world: World) -> None:
    async with world.client("observer") as http:
        sectors = (await http.get("/api/v1/reference/sectors")).json()
    by_commune = {insee: one["name"] for one in sectors for insee in one["communes"]}
    assert by_commune["19272"] == "Tulle"
    assert by_commune["19031"] == "Brive"
    assert len(by_commune) == sum(len(one["communes"]) for one in sectors)
