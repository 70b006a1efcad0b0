from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict

from dispatcher.reference.files import (
    Document,
    Source,
    Table,
    csv_table,
    geojson_features,
    toml_document,
)
from dispatcher.reference.problems import Problem, Problems, ReferenceError
from dispatcher.reference.records import CommuneRecord, DepotsFile, OutlineRecord, PeopleFile

HEADER = "insee,nom,population,epci,lon,lat,codes_postaux,surface_km2"
TULLE = "19272,Tulle,13401,241927201,1.76315,45.27309,19000,24.68"
RING = "[[[1.0,45.0],[1.1,45.0],[1.1,45.1],[1.0,45.0]]]"


def outline(insee: str = "19272", kind: str = "Polygon", coordinates: str = RING) -> str:
    geometry = f'{{"type":"{kind}","coordinates":{coordinates}}}'
    return f'{{"type":"Feature","properties":{{"insee":"{insee}"}},"geometry":{geometry}}}'


def read_csv(*lines: str) -> tuple[Table[CommuneRecord], list[str]]:
    problems = Problems()
    table = csv_table(Source("communes.csv", "\n".join(lines)), CommuneRecord, problems)
    return table, [str(problem) for problem in problems.found]


def read_geojson(text: str | None) -> tuple[Table[OutlineRecord], list[str]]:
    problems = Problems()
    table = geojson_features(Source("communes.geojson", text), OutlineRecord, problems)
    return table, [str(problem) for problem in problems.found]


def read_depots(text: str) -> tuple[Document[DepotsFile], list[str]]:
    problems = Problems()
    document = toml_document(Source("depots.toml", text), DepotsFile, problems)
    return document, [str(problem) for problem in problems.found]


# --- CSV ------------------------------------------------------------------------------------------


def test_a_row_becomes_a_record_on_its_line() -> None:
    table, problems = read_csv(HEADER, TULLE)

    ((line, tulle),) = table.rows
    assert problems == []
    assert (line, tulle.nom, tulle.population, tulle.codes_postaux) == (
        2,
        "Tulle",
        13401,
        ("19000",),
    )


def test_a_wrong_value_is_told_with_line_column_and_what_was_expected() -> None:
    lines = [HEADER, *[TULLE] * 10, TULLE.replace("13401", "x")]

    _, problems = read_csv(*lines)

    assert problems == ["communes.csv:12: population: expected an integer, got 'x'"]


@pytest.mark.parametrize(
    ("good", "bad", "expected"),
    [
        ("13401", "-1", "population: expected at least 0, got '-1'"),
        ("13401", "1.5", "population: expected an integer, got '1.5'"),
        ("13401", "", "population: expected an integer, got ''"),
        ("45.27309", "north", "lat: expected a number, got 'north'"),
        ("45.27309", "95", "lat: expected at most 90, got '95'"),
        ("45.27309", "nan", "lat: input should be a finite number"),
        ("24.68", "0", "surface_km2: expected more than 0, got '0'"),
        ("19272", "1927", "insee: expected the form ^(\\d{2}|2[AB])\\d{3}$, got '1927'"),
        (
            ",19000,",
            ",19000|9,",
            "codes_postaux: expected five digits, several separated by |, got '9'",
        ),
        ("Tulle", "", "nom: string should have at least 1 character"),
        ("Tulle", "Tu\x07lle", "nom: character U+0007 is not allowed"),
    ],
)
def test_each_kind_of_mistake_has_its_words(good: str, bad: str, expected: str) -> None:
    _, problems = read_csv(HEADER, TULLE.replace(good, bad, 1))

    assert problems == [f"communes.csv:2: {expected}"]


def test_several_mistakes_are_told_together() -> None:
    _, problems = read_csv(
        HEADER, TULLE.replace("13401", "x").replace("45.27309", "y"), TULLE + ",z"
    )

    assert [problem.split(": ")[0] for problem in problems] == [
        "communes.csv:2",
        "communes.csv:2",
        "communes.csv:3",
    ]


def test_columns_that_are_missing_unknown_or_doubled_are_told_on_line_1() -> None:
    _, problems = read_csv(HEADER.replace("nom", "name") + ",lat", TULLE)

    assert problems == [
        "communes.csv:1: nom: this column is missing",
        "communes.csv:1: name: this column is not known here",
        "communes.csv:1: lat: this column appears twice",
    ]


def test_the_order_of_columns_is_free() -> None:
    columns, values = HEADER.split(","), TULLE.split(",")

    table, problems = read_csv(",".join(reversed(columns)), ",".join(reversed(values)))

    assert problems == []
    assert table.records[0].nom == "Tulle"


def test_a_quoted_cell_may_span_lines_and_later_lines_still_count_right() -> None:
    quoted = TULLE.replace("Tulle", '"Tulle,\nville"')

    table, problems = read_csv(HEADER, quoted, "", TULLE.replace("13401", "x"))

    assert [line for line, _ in table.rows] == [2]
    assert problems == ["communes.csv:5: population: expected an integer, got 'x'"]


def test_what_is_not_csv_is_told() -> None:
    _, problems = read_csv(HEADER, '19272,"Tul"le,1')

    assert problems[0].startswith("communes.csv:2: not CSV: ")


def test_an_empty_file_lacks_every_column() -> None:
    _, problems = read_csv()

    assert len(problems) == 8


def test_a_long_value_is_shown_in_part() -> None:
    _, problems = read_csv(HEADER, TULLE.replace("13401", "x" * 500))

    assert len(problems[0]) < 130
    assert problems[0].endswith("…")


# --- TOML -----------------------------------------------------------------------------------------

DEPOTS = """\
[[sector]]
code = "tulle"
name = "Tulle"
councils = ["241927201"]

[[depot]]
code = "tulle"
name = "Tulle"
sector = "tulle"
insee = "19272"
lat = 45.2672
lon = 1.7706
"""


def test_a_document_is_validated_whole() -> None:
    document, problems = read_depots(DEPOTS)

    assert problems == []
    assert document.valid().depot[0].name == "Tulle"
    assert document.line("depot", 0, "lat") == 11


@pytest.mark.parametrize(
    ("good", "bad", "expected"),
    [
        ("lat = 45.2672", 'lat = "north"', "11: depot.lat: expected a number, got 'north'"),
        ("lat = 45.2672\n", "", "6: depot.lat: is missing"),
        ("lon = 1.7706", "lon = 1.7706\nheight = 3", "13: depot.height: is not known here"),
        ('code = "tulle"', 'code = "Tulle !"', "2: sector.code: expected the form"),
        ('["241927201"]', '"241927201"', "4: sector.councils: expected a list"),
        ('["241927201"]', '["241927201",\n 5]', "5: sector.councils: expected text, got 5"),
        ('"Tulle"', '"Tulle', "3: not TOML: "),
        ("lon = 1.7706\n", "lon = [", "12: not TOML: "),
    ],
)
def test_a_mistake_in_a_document_is_told_on_its_line(good: str, bad: str, expected: str) -> None:
    document, problems = read_depots(DEPOTS.replace(good, bad, 1))

    assert document.content is None
    assert problems[0].startswith(f"depots.toml:{expected}")


def test_nesting_without_end_is_told() -> None:
    _, problems = read_depots("a = " + "[" * 100_000)

    assert problems[0].startswith("depots.toml:1: not TOML: ")


def test_a_document_that_did_not_validate_has_no_content() -> None:
    document, _ = read_depots("")

    with pytest.raises(ValueError, match=r"depots\.toml did not validate"):
        document.valid()


def test_dates_and_rules_between_fields_are_told_too() -> None:
    problems = Problems()
    people = """\
post = []
[[person]]
code = "x"
name = "X"
posts = ["decision"]
absences = [
    { start = 2026-12-28, end = 2026-12-21, kind = "leave" },
    { start = "soon", end = 2026-12-21, kind = "party" },
]
"""

    toml_document(Source("people.toml", people), PeopleFile, problems)

    assert [str(problem) for problem in problems.found] == [
        "people.toml:7: person.absences: an absence ends after it starts"
        " (the end day is not included)",
        "people.toml:8: person.absences.start: expected a date (2026-12-31), got 'soon'",
        "people.toml:8: person.absences.kind: expected 'leave', 'training', 'sick', 'parental'"
        " or 'other', got 'party'",
    ]


# --- GeoJSON --------------------------------------------------------------------------------------


def collection(*features: str, before: str = "", end: str = "\n") -> str:
    inside = f",{end}".join(features)
    return f'{{"type":"FeatureCollection",{before}"features":[{end}{inside}{end}]}}'


def test_a_feature_becomes_a_record_on_its_line() -> None:
    table, problems = read_geojson(collection(outline("19001"), outline("2A004")))

    assert problems == []
    assert [(line, one.properties.insee) for line, one in table.rows] == [
        (2, "19001"),
        (3, "2A004"),
    ]


def test_a_feature_may_span_lines_and_other_members_may_come_first() -> None:
    spread = outline("19002").replace(",", ",\n")
    before = '"name": "features",\n"crs": {"features": [1, 2]},\n'

    table, problems = read_geojson(collection(outline(), spread, outline("x"), before=before))

    assert [line for line, _ in table.rows] == [4, 5]
    lines_of_spread = spread.count("\n")
    assert problems[0].startswith(f"communes.geojson:{6 + lines_of_spread}: properties.insee: ")


def test_a_collection_may_stand_on_one_line() -> None:
    table, _ = read_geojson(collection(outline(), outline(), end=""))

    assert [line for line, _ in table.rows] == [1, 1]


@pytest.mark.parametrize(
    ("feature", "expected"),
    [
        (outline(kind="Point", coordinates="[1,45]"), "geometry: "),
        (outline(coordinates="[]"), "geometry.Polygon.coordinates: "),
        (
            outline(coordinates="[[[1,45],[1.1,45],[1.1,45.1],[2,45]]]"),
            "a ring ends where it starts",
        ),
        (outline(coordinates="[[[1,45],[1.1,45],[1,45]]]"), "coordinates: "),
        (outline(coordinates="[[[1,145],[1.1,45],[1,45],[1,145]]]"), "expected at most 90"),
        (outline(kind="MultiPolygon", coordinates="[]"), "geometry.MultiPolygon.coordinates: "),
        ('{"type":"Feature"}', "properties: is missing"),
        ("null", "expected a table, got None"),
    ],
)
def test_a_wrong_outline_is_told(feature: str, expected: str) -> None:
    table, problems = read_geojson(collection(outline(), feature))

    assert len(table.rows) == 1
    assert problems[0].startswith("communes.geojson:3: ")
    assert expected in "\n".join(problems)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{\n]", "communes.geojson:2: not JSON: "),
        ("[]", "communes.geojson:1: expected a GeoJSON FeatureCollection"),
        ('{"type":"FeatureCollection"}', "communes.geojson:1: expected a GeoJSON"),
        ('{"type":"FeatureCollection","features":{}}', "communes.geojson:1: expected a GeoJSON"),
        ("[" * 200_000, "communes.geojson:1: not JSON: nested too deeply"),
    ],
)
def test_what_is_no_collection_is_told(text: str, expected: str) -> None:
    _, problems = read_geojson(text)

    assert problems[0].startswith(expected)


# --- what all share -------------------------------------------------------------------------------


def test_a_file_that_was_not_read_is_not_held_against_twice() -> None:
    problems = Problems()
    unread = Source("x", None)

    assert csv_table(unread, CommuneRecord, problems).rows == ()
    assert geojson_features(unread, OutlineRecord, problems).rows == ()
    assert toml_document(unread, DepotsFile, problems).content is None
    assert problems.found == []


def test_problems_are_raised_together_in_order_without_repeats() -> None:
    problems = Problems()
    problems.add("b.csv", 1, "", "second")
    problems.add("a.csv", 9, "x", "first")
    problems.add("b.csv", 1, "", "second")

    with pytest.raises(ReferenceError) as caught:
        problems.raise_if_any()

    assert caught.value.problems == (
        Problem("a.csv", 9, "x", "first"),
        Problem("b.csv", 1, "", "second"),
    )
    assert caught.value.detail == "a.csv:9: x: first\nb.csv:1: second"
    assert caught.value.status == 422


def test_nothing_wrong_raises_nothing() -> None:
    Problems().raise_if_any()


class _Limits(BaseModel):
    model_config = ConfigDict(extra="forbid")

    share: float
    side: Literal["a", "b"]


def test_a_rule_without_words_of_its_own_keeps_pydantic_s() -> None:
    problems = Problems()

    toml_document(Source("x.toml", 'share = {}\nside = "c"'), _Limits, problems)

    assert [str(one) for one in problems.found] == [
        "x.toml:1: share: expected a number, got {}",
        "x.toml:2: side: expected 'a' or 'b', got 'c'",
    ]
