"""The data that ship with the product keep their promises."""

import re
from collections import defaultdict
from functools import cache
from itertools import pairwise

import pytest

from dispatcher.reference.atlas import Atlas, Outline
from dispatcher.reference.readers import Territory, read_folder
from dispatcher.reference.territory import territory_folder
from priority.policy import Priority


@cache
def correze() -> Territory:
    return read_folder(territory_folder())


@cache
def atlas() -> Atlas:
    return Atlas(
        [
            Outline.of(insee, shape.model_dump(mode="json"))
            for insee, shape in correze().outlines.items()
        ]
    )


def test_the_correze_is_complete() -> None:
    territory = correze()

    assert len(territory.communes) == 277
    assert sum(commune.population for commune in territory.communes) == 240_826
    assert len(territory.councils) == 10
    assert sum(commune.surface_km2 for commune in territory.communes) == pytest.approx(
        5857, rel=0.01
    )


def test_the_outlines_stay_light() -> None:
    assert (territory_folder() / "communes.geojson").stat().st_size < 400_000


def test_every_commune_s_point_lies_in_it() -> None:
    lost = [
        commune.nom
        for commune in correze().communes
        if atlas().commune_at(commune.lat, commune.lon) != commune.insee
    ]

    assert lost == []


def test_depots_and_sites_lie_in_their_communes() -> None:
    territory = correze()
    placed = [*territory.depots.depot, *territory.sites]

    assert [one.name for one in placed if atlas().commune_at(one.lat, one.lon) != one.insee] == []


def test_neighbours_still_share_their_borders() -> None:
    edges = {
        (start, end)
        for shape in correze().outlines.values()
        for ring in shape.coordinates
        for start, end in pairwise(ring)
    }
    border = [edge for edge in edges if edge[::-1] not in edges]

    # What is left is the outer border: closed, so it enters every point as often as it leaves it.
    assert len(border) < len(edges) / 10
    assert sorted(start for start, _ in border) == sorted(end for _, end in border)


def test_there_are_the_depots_crews_and_categories_that_were_promised() -> None:
    territory = correze()

    assert len(territory.depots.depot) == 12
    assert len(territory.crews.crew) == 41
    assert len(territory.categories.category) >= 40
    assert {one.service for one in territory.categories.category} == {
        one.code for one in territory.categories.service
    }


def test_every_sector_with_communes_can_do_every_category() -> None:
    territory = correze()
    able: dict[str, list[frozenset[str]]] = defaultdict(list)
    for crew in territory.crews.crew:
        able[crew.sector].append(frozenset(crew.skills))
    unable = [
        f"{sector.code}: {category.code}"
        for sector in territory.depots.sector
        if sector.councils
        for category in territory.categories.category
        if not any(skills >= set(category.skills) for skills in able[sector.code])
    ]

    assert unable == []


def test_every_post_has_people_enough_to_rest() -> None:
    people = correze().people

    for post in people.post:
        able = [person for person in people.person if post.code in person.posts]
        assert len(able) >= 3 * post.need


def test_no_telephone_number_belongs_to_anybody() -> None:
    # Numbers kept for works of fiction. Source: ARCEP, plan de numérotation, 06 39 98 XX XX.
    reserved = re.compile(r"\+33 6 39 98 \d\d \d\d")

    assert all(reserved.fullmatch(person.phone or "") for person in correze().people.person)


def test_what_is_invented_says_so() -> None:
    folder = territory_folder()

    assert all(site.synthetic for site in correze().sites)
    for name in ("depots.toml", "crews.toml", "people.toml"):
        assert "SYNTHETIC" in (folder / name).read_text(encoding="utf-8")


def test_a_category_promises_more_than_the_class_of_least_hurry_or_nothing() -> None:
    slowest = correze().policy.commitment(Priority.P4).respond
    assert slowest is not None

    for category in correze().categories.category:
        if category.respond_within is not None:
            assert category.respond_within.allowance().minutes < slowest.minutes
