"""Road networks listed in two CSV files, as exported from IGN BD TOPO, a GIS or OSMnx.

`NAME-edges.csv` has `from,to,length_m,highway,maxspeed` (each line one direction), and beside it
`NAME-nodes.csv` has `id,lon,lat`. More columns do no harm.
"""

import csv
import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from dispatcher.errors import InvalidInput
from dispatcher.travel.osm import Arcs, network
from dispatcher.travel.roads import Provenance, Rights, Roads
from scheduling.dispatch.speeds import speed_kmh

EDGES, NODES = "-edges.csv", "-nodes.csv"
OPEN = Rights()


def compile_listed(edges: Path, compiled_at: datetime, rights: Rights = OPEN) -> Roads:
    """Read the two files and return their network.

    Args:
        edges: The file of edges; that of nodes stands beside it.
        compiled_at: Now, for the record.
        rights: What the files do not say of themselves.

    Raises:
        InvalidInput: A file is missing, or a line cannot be read; it is named.
    """
    nodes = edges.with_name(edges.name.removesuffix(EDGES) + NODES)
    places: dict[int, tuple[float, float]] = {}
    for line, row in _rows(nodes):
        with _Line(nodes, line):
            places[int(row["id"])] = (float(row["lat"]), float(row["lon"]))
    arcs = Arcs(places=places)
    for line, row in _rows(edges):
        with _Line(edges, line):
            _edge(arcs, row)
    if not arcs.tail:
        raise InvalidInput(f"no roads in {edges.name}", field="file")
    graph, left_out = network(arcs)
    origin = Provenance(
        file=edges.name,
        sha256=hashlib.sha256(edges.read_bytes() + nodes.read_bytes()).hexdigest(),
        data_at=rights.data_at,
        compiled_at=compiled_at.isoformat(),
        nodes=len(graph),
        arcs=len(graph.head),
        road_km=round(sum(arcs.metres) / 1000, 1),
        left_out=left_out,
        credit=rights.credit,
        licence=rights.licence,
    )
    return Roads(graph, origin)


def _edge(arcs: Arcs, row: dict[str, str]) -> None:
    kmh = speed_kmh({k: row[k] for k in ("highway", "maxspeed", "surface") if row.get(k)})
    if kmh is None:
        return
    tail, head, metres = int(row["from"]), int(row["to"]), float(row["length_m"])
    if tail not in arcs.places or head not in arcs.places:
        raise ValueError("a node that is not listed")
    arcs.tail.append(tail)
    arcs.head.append(head)
    arcs.metres.append(metres)
    arcs.seconds.append(metres * 3.6 / kmh)


def _rows(file: Path) -> Iterator[tuple[int, dict[str, str]]]:
    if not file.is_file():
        raise InvalidInput(f"no such file: {file.name}", field="file")
    with file.open(encoding="utf-8-sig", newline="") as lines:
        yield from enumerate(csv.DictReader(lines), start=2)


class _Line:
    """Names the line that could not be read."""

    def __init__(self, file: Path, line: int) -> None:
        self._where = f"{file.name}:{line}"

    def __enter__(self) -> None:
        """Begin a line."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, KeyError | ValueError | TypeError):
            raise InvalidInput(f"{self._where}: {error}", field="file") from error
