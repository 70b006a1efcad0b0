import pytest

from priority.toml_lines import line_of

TEXT = """# a policy
name = "x"
bands = [
    { at_least = 1, points = 2 },
]

[calendar.hours]
monday = "08:00-12:00"

[dangers]
fall.severity = 3
"odd name" = 1

[[rule]]
id = "one"
[[rule]]  # the second
id = "two"
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (["name"], 2),
        (["bands", 0, "points"], 3),
        (["calendar", "hours", "monday"], 8),
        (["calendar", "hours", "tuesday"], 7),
        (["dangers", "fall", "severity"], 11),
        (["dangers", "odd name"], 12),
        (["rule", 0, "id"], 15),
        (["rule", 1, "id"], 17),
        (["rule", 1, "level"], 16),
        (["unwritten"], None),
    ],
)
def test_a_value_is_found_on_its_line(path: list[str | int], line: int | None) -> None:
    assert line_of(TEXT, path) == line
