"""Taking in a report costs the same with a million rows as with none: nothing is read by scanning.

Judged by SQLite's own plan of each statement that the writer sends. Once the repeats of a key were
looked for by the key alone, and every answer ever kept was read for each report.
"""

from typing import Any

from sqlalchemy import event, text

from tests.support.world import World

FEW_ROWS = frozenset({"log_head", "ref_counter", "kept_state", "cursor"})
"""Tables of a handful of rows."""


async def test_no_statement_of_a_report_reads_a_whole_table(world: World) -> None:
    sent: dict[str, Any] = {}

    def remember(_c: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        sent.setdefault(statement, values)

    engine = world.service.store.writing
    event.listen(engine, "before_cursor_execute", remember)
    try:
        # At one place, so that the second joins the first: the whole way is walked.
        place = {"lat": 45.2671, "lon": 1.7709}
        async with world.client() as citizen:
            for number in range(2):
                answer = await citizen.post(
                    "/api/v1/reports",
                    json={"text": "fuite d'eau rue Carnot à Tulle", "place": place},
                    headers={"Idempotency-Key": f"0123456789abcdef-{number}"},
                )
                assert answer.status_code == 201
    finally:
        event.remove(engine, "before_cursor_execute", remember)

    scans = []
    with world.look() as session:
        driver = session.connection().connection.driver_connection
        assert driver is not None
        for statement, values in sent.items():
            if statement.startswith(("SELECT", "UPDATE")):
                plan = driver.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
                scans += [
                    (row[-1], statement)
                    for row in plan
                    if row[-1].startswith("SCAN") and row[-1].split()[1] not in FEW_ROWS
                ]
        assert session.execute(text("SELECT count(*) FROM incident")).scalar_one() == 1
    assert any("idempotent_answer" in statement for statement in sent)
    assert scans == []
