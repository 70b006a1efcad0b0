"""From an OpenStreetMap extract (.osm.pbf) to a road network: junctions, bends, speeds, one-ways.

Turn restrictions, ferries, gates and hours of closure are left out, knowingly: a mean over a day
does not see them, and finished trips teach the rest. Needs the extra `roads`.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dispatcher.errors import InvalidInput
from dispatcher.travel.roads import Provenance, Roads
from scheduling.dispatch.roads import RoadGraph, arcs_of
from scheduling.dispatch.speeds import SIGNAL_S, speed_kmh, ways_of
from scheduling.dispatch.travel import EARTH_RADIUS_M

BEND_M = 250.0
"""Metres after which a road without junctions gets a node: a farm along it is near one."""

MISSING = "reading OpenStreetMap files needs the extra: uv sync --extra roads"
Floats = npt.NDArray[np.float64]


@dataclass(slots=True)
class Arcs:
    """Directed arcs as they are found, between nodes of the map."""

    tail: list[int] = field(default_factory=list)
    head: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    metres: list[float] = field(default_factory=list)
    places: dict[int, tuple[float, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Way:
    nodes: Sequence[tuple[int, float, float]]
    kmh: float
    ways: str


def compile_roads(file: Path, compiled_at: datetime) -> Roads:
    """Read an extract and return its network: the largest part that can be driven all to all.

    Args:
        file: An .osm.pbf (or .osm, .osm.gz) file.
        compiled_at: Now, for the record.

    Raises:
        InvalidInput: The file is missing, broken, without roads, or the extra is not installed.
    """
    try:
        import osmium
        import scipy.sparse.csgraph  # noqa: F401 - asked here, so that nothing is read in vain
    except ImportError as error:
        raise InvalidInput(MISSING) from error
    if not file.is_file():
        raise InvalidInput(f"no such file: {file.name}", field="file")
    try:
        ways, signals = _ways(osmium, file)
    except RuntimeError as error:  # osmium's word for a file that is cut or no map at all
        raise InvalidInput(f"not an OpenStreetMap file: {file.name}", field="file") from error
    if not ways:
        raise InvalidInput(f"no roads in {file.name}", field="file")
    graph, left_out = network(arcs_between(ways, signals))
    origin = Provenance(
        file=file.name,
        sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
        data_at=_data_at(osmium, file),
        compiled_at=compiled_at.isoformat(),
        nodes=len(graph),
        arcs=len(graph.head),
        road_km=round(float(graph.length_dm.sum(dtype=np.int64)) / 1e4, 1),
        left_out=left_out,
    )
    return Roads(graph, origin)


def _ways(osmium: Any, file: Path) -> tuple[list[_Way], set[int]]:
    found: list[_Way] = []
    signals: set[int] = set()
    reader = osmium.FileProcessor(str(file)).with_locations()
    reader = reader.with_filter(osmium.filter.KeyFilter("highway"))
    for item in reader:
        tags = {tag.k: tag.v for tag in item.tags}
        if item.is_node():
            if tags["highway"] == "traffic_signals":
                signals.add(item.id)
            continue
        kmh = speed_kmh(tags) if item.is_way() else None
        if kmh is None:
            continue
        # An extract is cut somewhere: nodes beyond its border have no place.
        nodes = [(n.ref, n.lat, n.lon) for n in item.nodes if n.location.valid()]
        if len(nodes) > 1:
            found.append(_Way(nodes, kmh, ways_of(tags)))
    return found, signals


def _data_at(osmium: Any, file: Path) -> str | None:
    reader = osmium.io.Reader(str(file), osmium.osm.osm_entity_bits.NOTHING)
    try:
        told: str = reader.header().get("osmosis_replication_timestamp")
    finally:
        reader.close()
    return told or None


def arcs_between(ways: Sequence[_Way], signals: Iterable[int]) -> Arcs:
    """Cut ways at junctions and long bends into arcs, each way that may be driven."""
    uses: dict[int, int] = {}
    for way in ways:
        ends = {way.nodes[0][0], way.nodes[-1][0]}
        for ref, _lat, _lon in way.nodes:
            uses[ref] = uses.get(ref, 0) + (2 if ref in ends else 1)
    arcs, slow = Arcs(), frozenset(signals)
    for way in ways:
        _cut(way, uses, slow, arcs)
    return arcs


def _cut(way: _Way, uses: dict[int, int], slow: frozenset[int], arcs: Arcs) -> None:
    steps = _steps(way.nodes)
    start, metres, waits = way.nodes[0], 0.0, 0
    for node, step in zip(way.nodes[1:], steps, strict=True):
        metres += float(step)
        waits += SIGNAL_S if node[0] in slow else 0
        if uses[node[0]] < 2 and metres < BEND_M:
            continue
        seconds = metres * 3.6 / way.kmh + waits
        _add(arcs, (start, node), (seconds, metres), way.ways)
        start, metres, waits = node, 0.0, 0


def _add(
    arcs: Arcs,
    ends: tuple[tuple[int, float, float], tuple[int, float, float]],
    drive: tuple[float, float],
    ways: str,
) -> None:
    for ref, lat, lon in ends:
        arcs.places.setdefault(ref, (lat, lon))
    (start, *_), (end, *_) = ends
    pairs = {"forward": [(start, end)], "backward": [(end, start)]}
    for tail, head in pairs.get(ways, [(start, end), (end, start)]):
        arcs.tail.append(tail)
        arcs.head.append(head)
        arcs.seconds.append(drive[0])
        arcs.metres.append(drive[1])


def _steps(nodes: Sequence[tuple[int, float, float]]) -> Floats:
    """Metres between neighbours."""
    at = np.radians(np.array([(lat, lon) for _ref, lat, lon in nodes]))
    north = np.diff(at[:, 0])
    east = np.diff(at[:, 1]) * np.cos((at[1:, 0] + at[:-1, 0]) / 2)
    return np.asarray(np.hypot(north, east) * EARTH_RADIUS_M)


def network(arcs: Arcs) -> tuple[RoadGraph, int]:
    """Return the largest strongly connected part, and how many nodes lie outside of it."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    refs = np.array(list(arcs.places), dtype=np.int64)
    refs.sort()
    tail = np.searchsorted(refs, np.array(arcs.tail, dtype=np.int64)).astype(np.int32)
    head = np.searchsorted(refs, np.array(arcs.head, dtype=np.int64)).astype(np.int32)
    joined = csr_array((np.ones(len(tail), np.int8), (tail, head)), shape=(len(refs), len(refs)))
    _count, part = connected_components(joined, directed=True, connection="strong")
    kept = part == np.argmax(np.bincount(part))
    number = (np.cumsum(kept) - 1).astype(np.int32)
    inside = kept[tail] & kept[head]
    sorted_arcs = arcs_of(
        int(kept.sum()),
        number[tail[inside]],
        number[head[inside]],
        _tenths(arcs.seconds)[inside],
        _tenths(arcs.metres)[inside],
    )
    places = np.array([arcs.places[int(ref)] for ref in refs[kept]])
    graph = RoadGraph(
        lat=places[:, 0],
        lon=places[:, 1],
        first=sorted_arcs.first,
        head=sorted_arcs.head,
        time_ds=sorted_arcs.time_ds,
        length_dm=sorted_arcs.length_dm,
    )
    return graph, int(len(refs) - kept.sum())


def _tenths(values: Sequence[float]) -> npt.NDArray[np.int32]:
    return np.asarray(np.maximum(np.rint(np.array(values) * 10), 1), dtype=np.int32)
