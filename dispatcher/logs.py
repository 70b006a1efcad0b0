"""What the service says about itself: one JSON object a line, an event with fields, nobody's data.

Messages of exceptions may quote what people typed, so only those of the database and the system
are kept (their parameters are hidden by the engine); of all others the kind and the place remain.
"""

import json
import logging
import re
import sys
import traceback
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

OURS = ("cpo", "realtime")
QUOTABLE = ("sqlalchemy.", "sqlite3", "psycopg")
"""Where exceptions come from whose first line says what is wrong with the installation."""

_SECRET_PATH = re.compile(r"(/suivi/|/astreinte/|/agenda/|/mes-astreintes/)[^/\s\"'?]+")
_STANDARD = {*vars(logging.makeLogRecord({})), "message", "asctime", "taskName", "color_message"}


def masked(text: str) -> str:
    """Return a text in which no tracking link can be followed.

    >>> masked("GET /suivi/iOqR3x/etat")
    'GET /suivi/…/etat'
    """
    return _SECRET_PATH.sub(r"\1…", text)


class JsonLines(logging.Formatter):
    """One record as one line of JSON: `at`, `level`, `from`, `event`, and the record's fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "event": masked(record.getMessage()),
        }
        extra = {k: v for k, v in vars(record).items() if k not in _STANDARD}
        line |= {name: _plain(value) for name, value in extra.items()}
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = _causes(record.exc_info[1])
            line["where"] = _frames(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def set_up(
    level: Literal["INFO", "WARNING"] = "INFO", stream: TextIO | None = None
) -> logging.Handler:
    """Write every record of this process as JSON lines, others' from WARNING on.

    Args:
        level: From which level on the service itself is heard.
        stream: Where to write; standard error by default.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in OURS:
        logging.getLogger(name).setLevel(level)
    logging.captureWarnings(capture=True)
    return handler


def _plain(value: object) -> object:
    if isinstance(value, bool | int | float) or value is None:
        return value
    return masked(str(value))


def _causes(error: BaseException) -> list[str]:
    """Return the error and what led to it, last first."""
    found: list[str] = []
    current: BaseException | None = error
    while current is not None and len(found) < 5:
        found.append(_named(current))
        current = current.__cause__ or current.__context__
    return found


def _named(error: BaseException) -> str:
    kind = type(error)
    if isinstance(error, OSError) or kind.__module__.startswith(QUOTABLE):
        first = next(iter(str(error).splitlines()), "")
        return masked(f"{kind.__name__}: {first}")
    return kind.__name__


def _frames(error: BaseException) -> list[str]:
    """Return the innermost places of an error, without the lines of code."""
    frames = traceback.extract_tb(error.__traceback__)[-12:]
    return [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames]
