"""A road network on flat arrays, and one-to-many drives over it.

Junctions and bends are nodes, joined by directed arcs with a time and a length. A drive starts and
ends at the node nearest to its place; what lies between place and road is walked at a crawl. Turn
restrictions are not known: a forbidden left turn costs a minute that finished trips then teach.
Refuses to read files: arrays are arguments.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from scheduling.dispatch.jit import compiled
from scheduling.dispatch.problem import IntMatrix
from scheduling.dispatch.travel import EARTH_RADIUS_M, Point

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

FAR: Final = 2**31 - 1
"""Deciseconds of what cannot be reached."""

SNAP_AT_MOST_M: Final = 1_500
"""Metres from a road beyond which the network says nothing of a place."""

ACCESS_KMH: Final = 15.0
"""Speed between a place and the road nearest to it: yards and lanes that no map has."""

ACCESS_DETOUR: Final = 1.3


@dataclass(frozen=True, slots=True, eq=False)
class RoadGraph:
    """A directed road network.

    Attributes:
        lat: latitude of each node, degrees.
        lon: longitude of each node, degrees.
        first: arcs of node ``i`` are ``first[i]`` to ``first[i + 1]``.
        head: node at the end of each arc.
        time_ds: tenths of seconds to drive each arc.
        length_dm: decimetres of each arc.
        reverse: arcs by their head, for all-to-one drives.
    """

    lat: Floats
    lon: Floats
    first: Ints
    head: Ints
    time_ds: Ints
    length_dm: Ints
    reverse: "Arcs" = field(init=False)

    def __post_init__(self) -> None:
        """Refuse arrays that do not fit each other; turn the arcs round once."""
        nodes, arcs = len(self.lat), len(self.head)
        fits = len(self.lon) == nodes and len(self.first) == nodes + 1
        fits = fits and len(self.time_ds) == arcs and len(self.length_dm) == arcs
        if not fits or int(self.first[-1]) != arcs:
            raise ValueError("the arrays of a road network must fit each other")
        tails = np.repeat(np.arange(nodes, dtype=np.int32), np.diff(self.first))
        object.__setattr__(
            self, "reverse", arcs_of(nodes, self.head, tails, self.time_ds, self.length_dm)
        )

    def __len__(self) -> int:
        """Number of nodes."""
        return len(self.lat)

    def snap(self, place: Point) -> tuple[int, float]:
        """Node nearest to a place, and metres to it; ``(-1, inf)`` in a network without nodes."""
        if len(self) == 0:
            return -1, float("inf")
        east = np.radians(self.lon - place.lon) * np.cos(np.radians(place.lat))
        away = east**2 + np.radians(self.lat - place.lat) ** 2
        node = int(np.argmin(away))
        return node, float(np.sqrt(away[node]) * EARTH_RADIUS_M)

    def from_node(self, node: int, targets: Ints) -> tuple[Ints, Ints]:
        """Drives from a node to others: tenths of seconds and decimetres, ``FAR`` if there is none.

        Length is that of the fastest way.
        """
        return drive(self.first, self.head, self.time_ds, self.length_dm, node, targets)

    def to_node(self, node: int, origins: Ints) -> tuple[Ints, Ints]:
        """Drives from others to a node, in one search against the traffic."""
        arcs = self.reverse
        return drive(arcs.first, arcs.head, arcs.time_ds, arcs.length_dm, node, origins)


@dataclass(frozen=True, slots=True, eq=False)
class Arcs:
    """Arcs sorted by the node they leave."""

    first: Ints
    head: Ints
    time_ds: Ints
    length_dm: Ints


def arcs_of(nodes: int, tail: Ints, head: Ints, time_ds: Ints, length_dm: Ints) -> Arcs:
    """Arcs sorted by tail; those of one node keep their order."""
    order = np.argsort(tail, kind="stable")
    first = np.zeros(nodes + 1, dtype=np.int32)
    np.cumsum(np.bincount(tail, minlength=nodes), out=first[1:])
    return Arcs(first, head[order], time_ds[order], length_dm[order])


@compiled
def drive(
    first: Ints, head: Ints, time_ds: Ints, length_dm: Ints, start: int, targets: Ints
) -> tuple[Ints, Ints]:
    """Fastest drives from one node (Dijkstra); stops once every target is reached."""
    nodes = len(first) - 1
    best = np.full(nodes, FAR, dtype=np.int32)
    metres = np.zeros(nodes, dtype=np.int32)
    wanted = np.zeros(nodes, dtype=np.uint8)
    left = 0
    for target in targets:
        if wanted[target] == 0:
            wanted[target] = 1
            left += 1
    best[start] = 0
    # Time and node in one number: comparing it compares times, and ties fall the same way always.
    heap = [np.int64(start)]
    while heap and left > 0:
        key = heapq.heappop(heap)
        node, at = np.int32(key & 0xFFFFFFFF), key >> 32
        if at > best[node]:
            continue
        left -= wanted[node]
        wanted[node] = 0
        for arc in range(first[node], first[node + 1]):
            other, reached = head[arc], at + time_ds[arc]
            if reached < best[other]:
                best[other] = reached
                metres[other] = metres[node] + length_dm[arc]
                heapq.heappush(heap, (np.int64(reached) << 32) | np.int64(other))
    return best[targets], metres[targets]


@dataclass(frozen=True, slots=True)
class Snapped:
    """Where a place meets the network: node, and seconds and metres to it."""

    node: int
    access_s: float
    access_m: float


@dataclass(frozen=True, slots=True, eq=False)
class RoadTimes:
    """One-to-many and many-to-one times between places over a road network.

    Attributes:
        graph: the network.
        source: name shown with estimates.
    """

    graph: RoadGraph
    source: str = "graph"

    def snapped(self, place: Point) -> Snapped | None:
        """Where a place meets the network; ``None`` outside of it."""
        node, away_m = self.graph.snap(place)
        if away_m > SNAP_AT_MOST_M:
            return None
        metres = away_m * ACCESS_DETOUR
        return Snapped(node, metres * 3.6 / ACCESS_KMH, metres)

    def row(self, origin: Snapped, places: Sequence[Snapped]) -> tuple[IntMatrix, IntMatrix]:
        """From one place to many: seconds and metres; −1 where no road leads."""
        return self._told(origin, places, *self.graph.from_node(origin.node, _nodes(places)))

    def column(self, places: Sequence[Snapped], goal: Snapped) -> tuple[IntMatrix, IntMatrix]:
        """From many places to one: seconds and metres; −1 where no road leads."""
        return self._told(goal, places, *self.graph.to_node(goal.node, _nodes(places)))

    @staticmethod
    def _told(
        one: Snapped, many: Sequence[Snapped], time_ds: Ints, length_dm: Ints
    ) -> tuple[IntMatrix, IntMatrix]:
        walk_s = one.access_s + np.array([place.access_s for place in many])
        walk_m = one.access_m + np.array([place.access_m for place in many])
        there = time_ds < FAR
        seconds = np.where(there, np.rint(time_ds / 10 + walk_s), -1)
        metres = np.where(there, np.rint(length_dm / 10 + walk_m), -1)
        return seconds.astype(np.int32), metres.astype(np.int32)


def _nodes(places: Sequence[Snapped]) -> Ints:
    return np.array([place.node for place in places], dtype=np.int32)
