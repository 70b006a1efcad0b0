"""Drives over a road network agree with scipy's, both ways, and stop where no road leads."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from scheduling.dispatch.roads import FAR, RoadGraph, RoadTimes, Snapped, arcs_of
from scheduling.dispatch.travel import Point


def random_graph(seed: int, nodes: int = 120, arcs: int = 420) -> RoadGraph:
    chance = np.random.default_rng(seed)
    tail = chance.integers(0, nodes, arcs).astype(np.int32)
    head = chance.integers(0, nodes, arcs).astype(np.int32)
    time = chance.integers(1, 500, arcs).astype(np.int32)
    length = (time * chance.integers(2, 9, arcs)).astype(np.int32)
    made = arcs_of(nodes, tail, head, time, length)
    return RoadGraph(
        lat=45 + chance.random(nodes),
        lon=1 + chance.random(nodes),
        first=made.first,
        head=made.head,
        time_ds=made.time_ds,
        length_dm=made.length_dm,
    )


def referee(graph: RoadGraph, *, back: bool) -> np.ndarray:
    size = len(graph)
    tail = np.repeat(np.arange(size), np.diff(graph.first))
    best = np.full((size, size), np.inf)
    np.minimum.at(best, (tail, graph.head), graph.time_ds)
    best[np.isinf(best)] = 0
    return dijkstra(csr_array(best.T if back else best))


@pytest.mark.parametrize("seed", range(4))
def test_drives_are_as_short_as_scipys(seed: int) -> None:
    graph = random_graph(seed)
    everybody = np.arange(len(graph), dtype=np.int32)
    there, back = referee(graph, back=False), referee(graph, back=True)

    for node in range(0, len(graph), 7):
        found, metres = graph.from_node(node, everybody)
        assert (np.where(found == FAR, np.inf, found) == there[node]).all()
        assert (metres[found == FAR] == 0).all()
        found, _ = graph.to_node(node, everybody)
        assert (np.where(found == FAR, np.inf, found) == back[node]).all()


def test_the_length_is_that_of_the_fastest_way() -> None:
    # 0 → 2 directly is shorter and slower than by 1.
    made = arcs_of(
        3,
        np.array([0, 0, 1], dtype=np.int32),
        np.array([2, 1, 2], dtype=np.int32),
        np.array([900, 200, 300], dtype=np.int32),
        np.array([1000, 4000, 5000], dtype=np.int32),
    )
    flat = np.zeros(3)
    graph = RoadGraph(flat, flat, made.first, made.head, made.time_ds, made.length_dm)

    assert [int(x[0]) for x in graph.from_node(0, np.array([2], dtype=np.int32))] == [500, 9000]
    seconds, metres = RoadTimes(graph).row(Snapped(0, 2.0, 8.0), [Snapped(2, 3.0, 12.0)])
    assert (int(seconds[0]), int(metres[0])) == (55, 920)
    back, _ = RoadTimes(graph).row(Snapped(2, 0, 0), [Snapped(0, 0, 0)])
    assert int(back[0]) == -1


def test_a_place_far_from_any_road_is_not_on_the_map() -> None:
    graph = random_graph(1)
    times = RoadTimes(graph)

    assert times.snapped(Point(float(graph.lat[5]), float(graph.lon[5]))) == Snapped(5, 0.0, 0.0)
    assert times.snapped(Point(48.85, 2.35)) is None


def test_arrays_that_do_not_fit_are_refused() -> None:
    graph = random_graph(1)

    with pytest.raises(ValueError, match="fit"):
        RoadGraph(
            graph.lat, graph.lon, graph.first, graph.head[:-1], graph.time_ds, graph.length_dm
        )
