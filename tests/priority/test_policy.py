import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from priority.defaults import TABLES
from priority.policy import Policy, PolicyError, Priority
from tests.priority.cases import policy

FIXTURE = Path(__file__).parents[2] / "fixtures" / "policy.toml"


def refused(text: str) -> str:
    """Return why a policy in TOML is refused."""
    with pytest.raises(PolicyError) as caught:
        Policy.from_toml(text)
    return "\n".join(caught.value.problems)


def test_the_commented_policy_file_says_what_the_program_does_by_default() -> None:
    assert Policy.from_toml(FIXTURE.read_text(encoding="utf-8")) == Policy.default()


def test_the_commented_policy_file_shows_every_field() -> None:
    written = tomllib.loads(FIXTURE.read_text(encoding="utf-8"))

    # `categories` is empty by default and shown as a comment.
    assert set(Policy.model_fields) - set(written) == {"categories"}
    assert set(TABLES) <= set(written)


def test_a_policy_survives_a_round_trip_through_json() -> None:
    ours = policy(name="Hiver 2026", version=4, calendar={"alsace_moselle": True})

    assert Policy.from_json(ours.model_dump_json()) == ours


def test_a_council_writes_only_what_it_changes() -> None:
    ours = Policy.from_toml(
        """
        name = "Hiver 2026"
        version = 4
        [weather.snow_ice]
        orange = 24
        [dangers.flooding]
        urgency = 12
        [dangers.landslide]
        severity = 9
        [promises.p4]
        respond_within = { hours = 40, clock = "working" }
        """
    )

    assert ours.weather["snow_ice"].orange == 24
    assert ours.weather["snow_ice"].red == Policy.default().weather["snow_ice"].red
    assert (ours.dangers["flooding"].severity, ours.dangers["flooding"].urgency) == (8, 12)
    assert ours.dangers["landslide"].severity == 9
    assert ours.promises.p4.restore_within == Policy.default().promises.p4.restore_within
    assert ours.thresholds == Policy.default().thresholds


def test_an_allowance_is_replaced_whole() -> None:
    ours = Policy.from_toml("[promises.p1]\nrespond_within = { minutes = 30 }")

    respond = ours.commitment(Priority.P1).respond

    assert respond is not None
    assert respond.minutes == 30


def test_promises_come_in_their_order() -> None:
    text = refused("[promises.p1]\nacknowledge_within = { hours = 3 }")

    assert "promise in order" in text
    assert "(line 1)" in text


def test_a_misspelt_key_is_refused_with_its_path() -> None:
    assert "thresholds.p9" in refused("[thresholds]\np9 = 70")


def test_a_problem_names_the_line_that_wrote_it() -> None:
    text = refused('name = "x"\n\n[thresholds]\np1 = 70\np2 = 500\n[dangers.fall]\nseverity = -1')

    assert "thresholds.p2" in text
    assert "(line 5)" in text
    assert "(line 7)" in text


def test_every_problem_is_told_at_once() -> None:
    text = refused('version = 0\naxis_cap = 99\nname = ""')

    assert {line.split(":")[0] for line in text.splitlines()} == {"version", "axis_cap", "name"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[thresholds]\np1 = 40", "p1 > p2 > p3"),
        ("traffic = [{at_least = 5, points = 3}, {at_least = 5, points = 4}]", "ascend"),
        ("traffic = [{at_least = 5, points = 3}, {at_least = 6, points = 2}]", "never lose"),
        ("[due]\nbands = [{share_left = 0.5, points = 1}, {share_left = 0.1, points = 1}]", "late"),
        ("[promises.p1]\nrespond_within = {hours = 0}", "at least one minute"),
        ("[weather]\nwind = 5", "weather.wind"),
        ("reopened = nan", "reopened"),
        ("name = ", "not TOML"),
    ],
)
def test_a_policy_that_cannot_be_is_refused(text: str, expected: str) -> None:
    assert expected in refused(text)


@pytest.mark.parametrize("text", ["[]", '"policy"', "null", "{", "NaN", '{"version": "x"}'])
def test_json_that_is_no_policy_is_refused(text: str) -> None:
    with pytest.raises(PolicyError):
        Policy.from_json(text)


def test_nesting_without_end_is_refused() -> None:
    with pytest.raises(PolicyError):
        Policy.from_json("[" * 200_000)


def test_no_field_can_be_changed_after_reading() -> None:
    ours: Any = Policy.default()

    with pytest.raises(ValueError, match="frozen"):
        ours.version = 2


def test_each_class_has_its_own_promise() -> None:
    ours = Policy.default()

    respond = [ours.commitment(one).respond for one in Priority]

    assert [(one.minutes, one.clock) for one in respond if one] == [
        (60, "calendar"),
        (240, "calendar"),
        (960, "working"),
        (4800, "working"),
    ]


def test_the_json_of_a_policy_reads_like_its_toml() -> None:
    written = json.loads(Policy.default().model_dump_json())

    assert written["calendar"]["hours"]["monday"] == "08:00-12:00 13:00-17:00"
    assert written["calendar"]["night_hours"] == "22:00-06:00"
    assert written["sites"]["school"]["hours"] == "07:30-18:00"
