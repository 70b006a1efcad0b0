"""Rows put by a command, and what the commands of one commit share, on each kind of store."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session, select

from dispatcher.database import Ahead, Store, Tx
from dispatcher.errors import Conflict, InvalidInput
from dispatcher.models import Cursor, Plan, RefCounter
from tests.support.stores import SERVICE, as_one_group, fact, log_of, mark, marks


def put(name: str, seq: int = 0) -> Any:
    """Return a command that puts a row of that name and records a fact."""

    def command(tx: Tx) -> str:
        tx.put(Cursor(name=name, seq=seq))
        fact(tx, name)
        return name

    return command


def statements_on(store: Store) -> list[str]:
    """Return the statements that the writer will have sent, as they come."""
    sent: list[str] = []
    event.listen(
        store.writing,
        "before_cursor_execute",
        lambda _c, _u, statement, *_r: sent.append(statement),
    )
    return sent


async def test_rows_of_a_group_go_in_with_one_statement(either: Store) -> None:
    sent = statements_on(either)
    assert await as_one_group(either, put("a"), put("b"), put("c")) == ["a", "b", "c"]

    inserts = [s for s in sent if s.startswith("INSERT INTO cursor")]
    savepoints = [s for s in sent if s.startswith("SAVEPOINT")]
    assert (len(inserts), len(savepoints)) == (1, 0)
    with either.read() as session:
        assert {"a", "b", "c"} <= marks(session)


async def test_a_refused_command_forgets_its_rows_and_facts(either: Store) -> None:
    def refused(tx: Tx) -> None:
        put("refused")(tx)
        raise InvalidInput("no")

    first, second, third = await as_one_group(either, put("one"), refused, put("three"))

    assert (first, third) == ("one", "three")
    assert isinstance(second, InvalidInput)
    with either.read() as session:
        assert {"one", "three"} <= marks(session)
        assert "refused" not in marks(session)
        assert "refused" not in {row.data.get("state") for row in log_of(session)}


async def test_the_session_sees_what_was_put_before(either: Store) -> None:
    def look(tx: Tx) -> set[str]:
        tx.put(Cursor(name="own", seq=1))
        return marks(tx.session)

    _, seen = await as_one_group(either, put("earlier"), look)
    assert {"earlier", "own"} <= seen


async def test_a_row_that_was_put_is_followed_like_any_other(either: Store) -> None:
    def change(tx: Tx) -> None:
        row = Cursor(name="followed", seq=1)
        tx.put(row)
        assert tx.session.get(Cursor, "followed") is row
        row.seq = 7

    await either.submit(change, SERVICE)
    with either.read() as session:
        assert session.get_one(Cursor, "followed").seq == 7


async def test_a_refusal_after_the_session_undoes_rows_put_by_itself_alone(either: Store) -> None:
    def refused(tx: Tx) -> None:
        tx.put(Cursor(name="undone", seq=1))
        tx.session.flush()
        raise InvalidInput("no")

    first, second = await as_one_group(either, put("stays"), refused)
    assert first == "stays"
    assert isinstance(second, InvalidInput)
    with either.read() as session:
        assert "stays" in marks(session)
        assert "undone" not in marks(session)


@pytest.mark.parametrize("through", [put, mark])
async def test_a_row_the_database_refuses_fails_its_own_command_alone(
    either: Store, through: Any
) -> None:
    await either.submit(put("taken"), SERVICE)

    first, second, third = await as_one_group(either, put("x"), put("taken", 9), through("y"))

    assert (first, third) == ("x", "y")
    assert isinstance(second, Conflict)
    with either.read() as session:
        assert session.get_one(Cursor, "taken").seq == 0
        states = [row.data.get("state") for row in log_of(session)]
        assert states.count("x") == 1
        assert states.count("taken") == 1


async def test_rows_go_in_before_those_that_refer_to_them_and_numbers_once(either: Store) -> None:
    def closing(tx: Tx) -> None:
        tx.put(RefCounter(org="o", year=2000))
        last = (tx.noted("last") or 0) + 1
        tx.note("last", last)

        def store(session: Session) -> None:
            session.get_one(RefCounter, ("o", 2000)).last = last

        tx.at_close("last", store)

    def again(tx: Tx) -> None:
        last = tx.noted("last") + 1
        tx.note("last", last)
        tx.at_close("last", lambda s: setattr(s.get_one(RefCounter, ("o", 2000)), "last", last))

    def refused(tx: Tx) -> None:
        again(tx)
        raise InvalidInput("no")

    await as_one_group(either, closing, again, refused, again)
    with either.read() as session:
        assert session.get_one(RefCounter, ("o", 2000)).last == 3


async def test_what_a_group_asks_for_is_read_ahead_in_one_go(either: Store) -> None:
    asked: list[list[str]] = []

    def load(session: Session, keys: Sequence[str]) -> dict[str, int]:
        asked.append(list(keys))
        rows = session.exec(select(Cursor)).all()
        return {row.name: row.seq for row in rows}

    await either.submit(put("there", 5), SERVICE)
    found = []
    for key in ("there", "absent"):
        ahead = Ahead(load, key)
        found.append(
            await either.submit(lambda tx, a=ahead: [tx.known(a)], SERVICE, ahead=ahead)  # type: ignore[misc]
        )
    assert found == [[5], [None]]
    assert asked == [["there"], ["absent"]]
    # Asked for without saying so before: read then.
    assert await either.submit(lambda tx: tx.known(Ahead(load, "there")), SERVICE) == 5


async def test_what_was_read_once_is_read_again_after_a_change(either: Store) -> None:
    reads: list[str] = []

    def read(tx: Tx) -> int:
        def load() -> int:
            reads.append("read")
            return len(tx.look(select(Plan.id)).all())

        return tx.read_once("plans", load)

    def plan(tx: Tx) -> None:
        tx.session.add(Plan(id=tx.new_id(), org=tx.org, updated_at=tx.now))

    before, again, _, after = await as_one_group(either, read, read, plan, read)
    assert (before, again, after) == (0, 0, 1)
    assert len(reads) == 2


def test_a_row_refuses_columns_it_does_not_have() -> None:
    with pytest.raises(TypeError, match="wrong columns for Cursor"):
        Cursor(name="a", seq=1, colour="red")
    with pytest.raises(TypeError, match="wrong columns for Cursor"):
        Cursor(name="a")  # type: ignore[call-arg]
