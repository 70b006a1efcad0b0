"""A bulletin is read for one département; what is no bulletin says so."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.weather.bulletin import UnreadableBulletin, read_bulletin

# Synthetic, in the documented shape: ice orange and wind yellow over the Corrèze.
BODY = (Path(__file__).parent / "vigilance.json").read_bytes()


def at(hour: int, day: int = 22) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def bulletin(*stretches: tuple[str, int, int, int], department: str = "19") -> bytes:
    """Return a bulletin of (phenomenon, colour, first hour, last hour) stretches."""
    items = [
        {
            "phenomenon_id": phenomenon,
            "phenomenon_max_color_id": colour,
            "timelaps_items": [
                {
                    "begin_time": at(start).isoformat(),
                    "end_time": at(end).isoformat(),
                    "color_id": colour,
                }
            ],
        }
        for phenomenon, colour, start, end in stretches
    ]
    domain = {"domain_id": department, "max_color_id": 3, "phenomenon_items": items}
    return json.dumps(
        {
            "product": {
                "update_time": at(5).isoformat(),
                "periods": [{"echeance": "J", "timelaps": {"domain_ids": [domain]}}],
            }
        }
    ).encode()


def test_the_warnings_of_one_departement_are_read() -> None:
    found = read_bulletin(BODY, "19")

    assert found.issued_at == at(5)
    assert {(one.phenomenon, one.colour, one.starts_at, one.ends_at) for one in found.warnings} == {
        ("wind", "yellow", at(5), at(23)),
        ("snow_ice", "orange", at(5), at(23)),
        ("rain_flood", "yellow", at(5), at(23)),
        ("flood", "yellow", at(5), at(23)),
    }
    assert {one.source for one in found.warnings} == {"meteofrance"}


def test_stretches_of_one_level_that_touch_are_one_warning() -> None:
    body = bulletin(("5", 3, 6, 12), ("5", 3, 12, 18), ("5", 2, 18, 20), ("1", 3, 8, 9))
    found = [
        (w.phenomenon, w.colour, w.starts_at, w.ends_at) for w in read_bulletin(body, "19").warnings
    ]
    assert found == [
        ("snow_ice", "orange", at(6), at(18)),
        ("snow_ice", "yellow", at(18), at(20)),
        ("wind", "orange", at(8), at(9)),
    ]


def test_green_and_phenomena_that_nobody_knows_are_no_warnings() -> None:
    assert read_bulletin(bulletin(("5", 1, 6, 12), ("12", 4, 6, 12)), "19").warnings == ()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b'{"product": {}}',
        bulletin(("5", 3, 6, 12), department="23"),
        bulletin(("5", 3, 6, 12)).replace(b'"color_id": 3', b'"color_id": 7'),
        bulletin(("5", 3, 6, 12)).replace(b"+00:00", b""),
    ],
)
def test_what_does_not_speak_of_the_territory_is_no_fine_weather(body: bytes) -> None:
    with pytest.raises(UnreadableBulletin):
        read_bulletin(body, "19")


@given(
    st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["product", "periods", "timelaps", "domain_ids", "update_time"]),
                inner,
            )
        ),
    )
)
def test_no_document_breaks_the_reader(document: Any) -> None:
    with pytest.raises(UnreadableBulletin):
        read_bulletin(json.dumps(document).encode(), "19")
