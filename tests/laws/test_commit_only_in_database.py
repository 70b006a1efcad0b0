"""One transaction per command: nothing but dispatcher/database.py may commit or roll back."""

import ast
from collections.abc import Iterator

from tests.support.project import name_of, source_files

MAY_COMMIT = "dispatcher/database.py"


def endings(source: str) -> Iterator[int]:
    """Yield the lines on which something is committed or rolled back."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Attribute(attr="commit" | "rollback")):
                yield node.lineno


def test_only_the_database_module_ends_a_transaction() -> None:
    offenders = [
        f"{name_of(path)}:{line}"
        for path in source_files(".py", under=("dispatcher",))
        # Migrations run in Alembic's own transaction, with the service stopped.
        if name_of(path) != MAY_COMMIT and "migrations" not in path.parts
        for line in endings(path.read_text(encoding="utf-8"))
    ]

    assert offenders == []


def test_a_commit_is_recognised_whatever_it_is_called_on() -> None:
    assert list(endings("tx.session.commit()\nconnection.rollback()\n")) == [1, 2]
