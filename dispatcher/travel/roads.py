"""Road networks on disk: one compact file, with where it comes from and when.

A compiled file holds flat arrays and nothing that runs; a file that was cut, changed or made for
another version is refused by name.
"""

import json
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from dispatcher.errors import InvalidInput
from scheduling.dispatch.roads import RoadGraph

FORMAT = 1
ARRAYS = ("lat", "lon", "first", "head", "time_ds", "length_dm")
CREDIT = "© OpenStreetMap contributors"
LICENCE = "ODbL 1.0"


@dataclass(frozen=True, slots=True)
class Rights:
    """What is known of data whose file does not say it: date, whom to name, licence."""

    data_at: str | None = None
    credit: str = CREDIT
    licence: str = LICENCE


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a road network comes from, shown wherever it is used.

    Attributes:
        file: Name of the file it was compiled from.
        sha256: Its digest.
        data_at: Date of the data as the file says, ISO 8601; None if it says nothing.
        compiled_at: When it was compiled, ISO 8601.
        nodes: Nodes kept.
        arcs: Directed arcs kept.
        road_km: Length of the arcs, kilometres, both ways counted.
        left_out: Nodes outside the largest part in which one can drive from all to all.
        credit: Whom the licence asks to name.
        licence: Licence of the data.
    """

    file: str
    sha256: str
    data_at: str | None
    compiled_at: str
    nodes: int
    arcs: int
    road_km: float
    left_out: int
    credit: str = CREDIT
    licence: str = LICENCE


@dataclass(frozen=True, slots=True, eq=False)
class Roads:
    """A network and its origin."""

    graph: RoadGraph
    origin: Provenance


def save(roads: Roads, file: Path) -> None:
    """Write a network; a reader never sees half of it."""
    about = json.dumps({"format": FORMAT, **asdict(roads.origin)}, ensure_ascii=False)
    arrays = {name: getattr(roads.graph, name) for name in ARRAYS}
    # Seven decimals of a degree are a centimetre; OpenStreetMap keeps no more.
    for name in ("lat", "lon"):
        arrays[name] = np.rint(arrays[name] * 1e7).astype(np.int32)
    partial = file.with_name(file.name + ".part")
    with partial.open("wb") as out:
        np.savez_compressed(out, about=np.array(about), **arrays)
    partial.replace(file)


def load(file: Path) -> Roads:
    """Read a compiled network.

    Raises:
        InvalidInput: There is no such file, or it is no compiled network of this version.
    """
    try:
        with file.open("rb") as raw, np.load(raw, allow_pickle=False) as found:
            about = json.loads(str(found["about"]))
            arrays = {name: found[name] for name in ARRAYS}
        if about.pop("format") != FORMAT:
            raise InvalidInput("compile this road file again: its format is of another version")
        for name in ("lat", "lon"):
            arrays[name] = arrays[name] / 1e7
        return Roads(RoadGraph(**arrays), Provenance(**about))
    except (OSError, KeyError, ValueError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise InvalidInput(f"not a compiled road file: {file.name}", field="road_file") from error
