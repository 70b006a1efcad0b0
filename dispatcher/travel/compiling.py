"""From a file of roads to a compiled one, whatever its kind."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from dispatcher.clock import Clock
from dispatcher.errors import InvalidInput
from dispatcher.travel.listed import EDGES, OPEN, compile_listed
from dispatcher.travel.osm import compile_roads
from dispatcher.travel.roads import Rights, save


def compile_file(file: Path, out: Path, clock: Clock, rights: Rights = OPEN) -> dict[str, Any]:
    """Compile a file and return where its network comes from.

    Raises:
        InvalidInput: It cannot be read; nothing was written.
    """
    now = clock.now()
    is_listed = file.name.endswith(EDGES)
    made = compile_listed(file, now, rights) if is_listed else compile_roads(file, now)
    try:
        save(made, out)
    except OSError as error:
        raise InvalidInput(f"{out}: {error.strerror}", field="out") from error
    return asdict(made.origin) | {"written": out.name}
