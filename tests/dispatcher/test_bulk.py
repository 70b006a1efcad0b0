"""Rows in one statement are the rows that the ORM would have stored, on each kind of database."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import event
from sqlmodel import col, select

from dispatcher import bulk
from dispatcher.bulk import Encoded, insert_rows
from dispatcher.database import Store, Tx
from dispatcher.models import EventRow
from dispatcher.unit_of_work import table_of
from tests.support.stores import ORG, SERVICE
from tests.support.world import TUESDAY

NAMES = tuple(EventRow.model_fields)
FAR = 1_000_000
"""Beyond what the log holds already."""


def row(number: int) -> EventRow:
    """Return a row with something of every type in it."""
    return EventRow(
        seq=FAR + number,
        id=UUID(int=number),
        org=ORG,
        type="x'; DROP TABLE event_log; --" if number % 2 else "% %s ? :a é",
        at=TUESDAY + timedelta(microseconds=number),
        recorded_at=TUESDAY,
        actor="",
        incident_id=UUID(int=number) if number % 3 else None,
        data={"é": [1.5, None, True, "\u2028"], "n": number},
        after=[],
        simulated=bool(number % 2),
        hash="0" * 64,
    )


async def stored(store: Store, rows: list[dict[str, object]]) -> list[dict[str, object]]:
    def insert(tx: Tx) -> None:
        insert_rows(tx.session.connection(), table_of(EventRow), NAMES, rows)

    await store.submit(insert, SERVICE)
    with store.read() as session:
        found = session.exec(
            select(EventRow).where(col(EventRow.seq) > FAR).order_by(col(EventRow.seq))
        ).all()
        return [one.model_dump() for one in found]


async def test_values_come_back_as_they_went_in(either: Store) -> None:
    rows = [row(number).model_dump() for number in range(1, 8)]
    assert await stored(either, rows) == rows


async def test_json_that_is_text_already_goes_in_as_it_is(either: Store) -> None:
    given = row(1).model_dump()
    encoded = given | {"data": Encoded('{"a":[1,{"b":"é"}]}'), "after": Encoded("[{}]")}
    assert await stored(either, [encoded]) == [
        given | {"data": {"a": [1, {"b": "é"}]}, "after": [{}]}
    ]


async def test_more_rows_than_a_statement_takes_go_in_several(
    either: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "VALUES_AT_MOST", 3 * len(NAMES))
    bulk._form.cache_clear()
    sent: list[str] = []
    event.listen(
        either.writing, "before_cursor_execute", lambda _c, _u, said, *_r: sent.append(said)
    )
    try:
        rows = [row(number).model_dump() for number in range(1, 9)]
        assert await stored(either, rows) == rows
    finally:
        bulk._form.cache_clear()
    assert len([said for said in sent if said.startswith("INSERT")]) == 3
