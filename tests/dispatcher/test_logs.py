"""The service's log: one JSON object a line, events with fields, nobody's data."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dispatcher import logs
from dispatcher.database import Store, Tx
from dispatcher.errors import Conflict
from dispatcher.models import User
from tests.support.stores import SERVICE

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """Everything that was written, once the log is set up."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in logs.OURS}
    stream = io.StringIO()
    logs.set_up("INFO", stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:], root.level = before
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    logging.captureWarnings(capture=False)


def test_a_record_is_an_event_with_its_fields(lines: Lines) -> None:
    logging.getLogger("cpo.test").info("replanned", extra={"plan_version": 7, "elapsed_ms": 1.5})

    (line,) = lines()
    assert line["at"].endswith("+00:00")
    assert {k: v for k, v in line.items() if k != "at"} == {
        "level": "info",
        "from": "cpo.test",
        "event": "replanned",
        "plan_version": 7,
        "elapsed_ms": 1.5,
    }


def test_a_record_never_takes_two_lines(lines: Lines) -> None:
    logging.getLogger("cpo.test").warning("two\nlines", extra={"text": '\r\n{"level": "info"}'})

    assert len(lines()) == 1


def test_others_are_heard_only_when_something_is_wrong(lines: Lines) -> None:
    logging.getLogger("library").info("chatter")
    logging.getLogger("library").warning("trouble")

    assert [line["event"] for line in lines()] == ["trouble"]


@pytest.mark.parametrize(
    "path",
    [
        "/suivi/iOqR3x-_y",
        "http://127.0.0.1:8000/suivi/iOqR3x-_y/etat",
        "/suivi/iOqR3x-_y?lang=en",
    ],
)
def test_a_tracking_link_cannot_be_followed_from_the_log(lines: Lines, path: str) -> None:
    log = logging.getLogger("cpo.test")
    log.warning("answered %s", path)
    log.warning("answered", extra={"path": path})
    log.warning("answered", extra={"headers": {"referer": path}})
    try:
        raise OSError(2, "no such file", path)
    except OSError:
        log.exception("failed")

    assert "iOqR3x" not in str(lines())
    assert len(lines()) == 4


def test_an_error_tells_its_kind_and_place_and_not_what_was_typed(lines: Lines) -> None:
    try:
        try:
            int("Ursule Lagarde, 06 11 22 33 44")
        except ValueError as error:
            raise KeyError("ursule@example.fr") from error
    except KeyError:
        logging.getLogger("cpo.test").exception("failed")

    (line,) = lines()
    assert line["error"] == ["KeyError", "ValueError"]
    assert line["where"][-1].startswith("test_logs.py:")
    assert "Ursule" not in str(line)
    assert "ursule" not in str(line)


async def test_what_the_database_refuses_is_named_without_its_values(
    lines: Lines, either: Store
) -> None:
    def twice(tx: Tx) -> None:
        for _ in range(2):
            tx.session.add(
                User(
                    id=tx.new_id(),
                    org=tx.org,
                    username="ursule.lagarde",
                    name="Ursule Lagarde",
                    password_hash="$argon2id$secret",
                    role="observer",
                    created_at=tx.now,
                )
            )
            tx.session.flush()

    with pytest.raises(Conflict):
        await either.submit(twice, SERVICE)

    (line,) = lines()
    assert line["event"] == "write_race"
    assert line["error"][0].startswith("IntegrityError: ")
    assert "username" in line["error"][0]
    for word in ("Ursule", "ursule", "argon2id"):
        assert word not in str(line)
