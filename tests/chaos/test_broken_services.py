"""The judge of kills is not blind: real services with one promise broken are found out."""

import shutil
from pathlib import Path

import pytest

from tests.support.kills import kill_under_load

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.mark.parametrize(
    ("variant", "sentence"),
    [
        ("answer_before_commit", "lost:"),
        ("no_idempotency", "doubled:"),
        ("no_replay", ("never shown:", "stopped:")),
    ],
)
def test_a_service_that_breaks_a_promise_is_found_out(
    filled_sqlite: Path, tmp_path: Path, variant: str, sentence: str | tuple[str, ...]
) -> None:
    database = tmp_path / "cpo.sqlite3"
    shutil.copy(filled_sqlite, database)

    # Twice: one kill may come just between a commit and the next answer.
    found = kill_under_load(database, 2, variant).broken_promises()

    assert any(one.startswith(sentence) for one in found), found
