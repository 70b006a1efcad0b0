from pathlib import Path

import pytest

from dispatcher.reference.readers import ReferenceError, read_folder
from tests.dispatcher.reference.small_territory import FILES, write


def problems(folder: Path) -> list[str]:
    """Return what is wrong with a folder."""
    with pytest.raises(ReferenceError) as caught:
        read_folder(folder)
    return [str(problem) for problem in caught.value.problems]


def test_another_departement_is_read_without_a_change_of_code(tmp_path: Path) -> None:
    territory = read_folder(write(tmp_path))

    assert [commune.nom for commune in territory.communes] == ["Mende", "Florac"]
    assert set(territory.outlines) == {"48095", "48061"}
    assert territory.crews.crew[0].skills == ("water_network",)
    assert territory.policy.name == "Lozère"
    assert territory.people.person[0].absences[0].kind == "leave"
    assert territory.categories.category[0].respond_within is not None


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        ("communes.csv", "48061,", "48095,", "communes.csv:3: insee: '48095' was already used on"),
        (
            "communes.csv",
            "Florac,2121,244800405",
            "Florac,2121,999999999",
            "communes.csv:3: epci: ",
        ),
        ("communes.geojson", "48061", "48062", "communes.csv:3: insee: '48061' has no outline in"),
        ("communes.geojson", "48061", "48062", "communes.geojson:3: insee: '48062' is no commune"),
        ("communes.geojson", "48061", "48095", "communes.geojson:3: insee: '48095' was already"),
        ("epci.csv", "CC,14439", "CC,14439\n1" + "0" * 8 + ",CC X,CC,1", "epci.csv:3: code: '1000"),
        (
            "sites.csv",
            "48095",
            "48001",
            "sites.csv:2: insee: '48001' is no commune of communes.csv",
        ),
        ("sites.csv", ",hospital,", ",castle,", "sites.csv:2: kind: 'castle' has no points in"),
        ("sensors.csv", "48095|48061", "48095|48001", "sensors.csv:2: communes: '48001' is no"),
        ("sensors.csv", "3.0,7.0", "9.0,7.0", "sensors.csv:2: "),
        ("sensors.csv", "3.0,7.0", "low,7.0", "sensors.csv:2: low: "),
        (
            "depots.toml",
            'sector = "mende"',
            'sector = "x"',
            "depots.toml:9: depot.sector: 'x' is no",
        ),
        ("depots.toml", "48095", "48001", "depots.toml:10: depot.insee: '48001' is no commune of"),
        ("depots.toml", "244800405", "244800406", "depots.toml:4: sector.councils: '244800406' is"),
        ("crews.toml", 'sector = "mende"', 'sector = "x"', "crews.toml:18: crew.sector: 'x' is no"),
        (
            "crews.toml",
            'depot = "mende"',
            'depot = "x"',
            "crews.toml:19: crew.depot: 'x' is no depot",
        ),
        ("crews.toml", '["water_network"]', '["x"]', "crews.toml:20: crew.skills: 'x' is no skill"),
        (
            "crews.toml",
            'shift = "day"',
            'shift = "x"',
            "crews.toml:22: crew.shift: 'x' is no shift",
        ),
        ("people.toml", '["operations"]', '["x"]', "people.toml:12: person.posts: 'x' is no post"),
        ("categories.toml", 'service = "drinking_water"', 'service = "x"', "categories.toml:18: "),
        (
            "categories.toml",
            '["water_network"]',
            '["x"]',
            "categories.toml:23: category.skills: 'x'",
        ),
        (
            "categories.toml",
            'hourly = "flat"',
            'hourly = "x"',
            "categories.toml:27: category.hourly",
        ),
        (
            "reading.toml",
            '"ice"',
            '"dragon"',
            "reading.toml:7: danger.kind: 'dragon' has no points",
        ),
        (
            "policy.toml",
            '["drinking_water"]',
            '["x"]',
            "policy.toml:4: weather.services: 'x' is no",
        ),
        ("policy.toml", "[weather.heat]", "[categories.x]\n[weather.heat]", "policy.toml:15: "),
    ],
)
def test_files_that_disagree_are_told_with_the_line(
    tmp_path: Path, name: str, old: str, new: str, expected: str
) -> None:
    assert any(one.startswith(expected) for one in problems(write(tmp_path, (name, old, new))))


def test_a_council_belongs_to_one_sector_only(tmp_path: Path) -> None:
    again = '[[sector]]\ncode = "x"\nname = "X"\ncouncils = ["244800405"]\n\n[[depot]]'

    assert problems(write(tmp_path, ("depots.toml", "[[depot]]", again))) == [
        "depots.toml:9: sector.councils: '244800405' was already used on line 4"
    ]


def test_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        ("communes.csv", "12318", "many"),
        ("crews.toml", "members = 2", "members = 0"),
        ("people.toml", '"operations"\nlabel_fr', '"operations"\nlabel'),
    )

    assert problems(folder) == [
        "communes.csv:2: population: expected an integer, got 'many'",
        "crews.toml:21: crew.members: expected at least 1, got 0",
        "people.toml:1: post.label_fr: is missing",
        "people.toml:3: post.label: is not known here",
    ]


def test_a_file_with_mistakes_is_not_held_against_the_others(tmp_path: Path) -> None:
    folder = write(tmp_path, ("depots.toml", "lat = 44.05", 'lat = "x"'))

    assert problems(folder) == ["depots.toml:11: depot.lat: expected a number, got 'x'"]


def test_a_missing_file_is_told_once(tmp_path: Path) -> None:
    folder = write(tmp_path / "territory")
    (folder / "epci.csv").unlink()

    assert problems(folder) == ["epci.csv:1: cannot be read: No such file or directory"]


def test_a_file_that_is_not_utf_8_is_told_with_its_line(tmp_path: Path) -> None:
    folder = write(tmp_path)
    (folder / "epci.csv").write_bytes(FILES["epci.csv"].encode("latin-1"))

    assert problems(folder) == ["epci.csv:2: not UTF-8: byte 0xe8"]


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    folder = write(tmp_path)
    (folder / "epci.csv").write_text(FILES["epci.csv"], encoding="utf-8-sig")

    assert read_folder(folder).councils[0].code == "244800405"


def test_territories_share_what_lies_in_the_folder_above(tmp_path: Path) -> None:
    folder = write(tmp_path / "territory")
    for shared in ("categories.toml", "reading.toml", "policy.toml"):
        (folder / shared).rename(tmp_path / shared)

    assert read_folder(folder).policy.name == "Lozère"


def test_an_empty_folder_lacks_ten_files(tmp_path: Path) -> None:
    assert len(problems(tmp_path / "nothing")) == 10
