"""Write what can be derived from the code: the reference page and the API description.

`make generate` runs this file; `tests/laws/test_docs.py` fails when a committed copy is stale.
"""

import inspect
import json
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

import dispatcher.events.facts
from dispatcher.errors import CpoError
from dispatcher.settings import Settings
from realtime.protocol import CloseCode

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "docs" / "reference.md"
OPENAPI = ROOT / "ui" / "openapi.json"

HEAD = """# Reference

Written by `make generate` from the code; change it there.
"""


def first_line(thing: object) -> str:
    """Return the first line of a docstring: what a class or command is."""
    return (inspect.getdoc(thing) or "").partition("\n")[0]


def table(title: str, *columns: str, rows: Iterator[tuple[str, ...]]) -> str:
    """Return a section with one table."""
    lines = [columns, tuple("---" for _ in columns), *rows]
    return f"\n## {title}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def settings() -> Iterator[tuple[str, ...]]:
    """Yield every setting with its default and meaning."""
    for name, field in Settings.model_fields.items():
        yield f"`CPO_{name.upper()}`", _default(field), field.description or ""


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    # A secret never shows itself, not even an empty one.
    shown = "" if "Secret" in type(value).__name__ or value is None else str(value)
    return f"`{shown}`" if shown else "none"


def descendants(base: type) -> Iterator[type]:
    """Yield every class below this one, in the order they are written."""
    for child in base.__subclasses__():
        yield child
        yield from descendants(child)


def errors() -> Iterator[tuple[str, ...]]:
    """Yield every refusal a client may get."""
    known = {kind.code: kind for kind in descendants(CpoError) if issubclass(kind, CpoError)}
    for code, kind in sorted(known.items(), key=lambda item: (item[1].status, item[0])):
        yield f"`{code}`", str(kind.status), "yes" if kind.retryable else "no", first_line(kind)


def events() -> Iterator[tuple[str, ...]]:
    """Yield every kind of event with its fields."""
    for kind in descendants(dispatcher.events.facts.DomainEvent):
        if issubclass(kind, BaseModel) and "type" in kind.model_fields:
            fields = [name for name in kind.model_fields if name not in {"type", "v"}]
            name = kind.model_fields["type"].default
            yield f"`{name}`", ", ".join(f"`{field}`" for field in fields), first_line(kind)


def close_codes() -> Iterator[tuple[str, ...]]:
    """Yield why the server may end a live connection, and what the client does then."""
    for code in CloseCode:
        yield str(code.value), code.name.lower(), "comes back" if code.reconnect else "stays away"


def commands() -> Iterator[tuple[str, ...]]:
    """Yield the verbs of `cpo`."""
    from typer.main import get_command

    from dispatcher.cli import cli

    group = get_command(cli)
    for name, command in sorted(getattr(group, "commands", {}).items()):
        yield f"`cpo {name}`", (command.help or "").partition("\n")[0]


def reference() -> str:
    """Return the whole reference page."""
    parts = [HEAD, table("Settings", "variable", "default", "meaning", rows=settings())]
    if find_spec("dispatcher.cli"):
        parts.append(table("Commands", "command", "what it does", rows=commands()))
    parts += [
        table("Errors", "code", "status", "try again", "meaning", rows=errors()),
        table("Events", "type", "fields", "meaning", rows=events()),
        table("Close codes of the live connection", "code", "name", "client", rows=close_codes()),
    ]
    return "".join(parts)


def openapi() -> str | None:
    """Return the API description, keys sorted, or None while there is no application."""
    if not find_spec("dispatcher.app"):
        return None
    from dispatcher.app import create_app

    # A key is given so that none is made and kept here.
    key = SecretStr("never served, for documentation only")
    settings = Settings(mode="demo", secret_key=key, _env_file=None)
    description = create_app(settings).api.openapi()
    return json.dumps(description, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    REFERENCE.write_text(reference(), encoding="utf-8")
    if description := openapi():
        OPENAPI.write_text(description, encoding="utf-8")
