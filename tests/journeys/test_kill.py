"""SIGKILL under load: nothing that was answered or shown is lost, doubled or out of order.

That the judge is not blind is shown by `tests/chaos/test_broken_services.py`.
"""

import json
from pathlib import Path

import pytest

from tests.support.kills import kill_under_load

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

KILLS = 3


@pytest.mark.parametrize("whole", [True, False], ids=["keeper and all", "the serving process"])
def test_nothing_answered_or_shown_is_lost_or_doubled_by_kills(
    filled_sqlite: Path, tmp_path: Path, *, whole: bool
) -> None:
    database = tmp_path / "cpo.sqlite3"
    database.write_bytes(filled_sqlite.read_bytes())

    left = kill_under_load(database, KILLS, whole=whole)

    assert left.broken_promises() == []
    held = left.watcher.held
    assert left.watcher.resumed + len(held.resyncs) >= KILLS
    for line in left.log.splitlines():
        assert {"at", "level", "event"} <= json.loads(line).keys()
    assert left.log.count("service_killed") == (0 if whole else KILLS)
