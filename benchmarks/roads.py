"""How fast is a road network compiled, and how fast do its rows come, beside networkx and scipy?

``python -m benchmarks.roads [--instance FILE] [--seed N]`` compiles a file (by default the
whole of Andorra, from the tests' fixtures), searches one-to-many rows from random nodes to 300
places with our search, scipy's ``dijkstra`` and networkx's, on the same arcs, and prints one JSON
line. Times are CPU seconds of this process; a ratio above 1 says that the peer takes longer. All
three must agree to the tenth of a second on every row, or it says so and fails.
"""

import sys
import tempfile
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import process_time

import networkx
import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from benchmarks._results import arguments, say
from dispatcher.travel.compiling import compile_file
from dispatcher.travel.roads import load
from scheduling.dispatch.roads import RoadGraph

FILE = Path(__file__).parents[1] / "tests" / "fixtures" / "roads" / "andorra.osm.pbf"
TARGETS, ROWS = 300, 100

Row = Callable[[int], "np.ndarray[tuple[int], np.dtype[np.float64]]"]


class _Now:
    def now(self) -> datetime:
        """Return an instant; the network does not depend on it."""
        return datetime(2026, 11, 26, tzinfo=UTC)


def ours(graph: RoadGraph, targets: np.ndarray) -> Row:
    """Our search, compiled; lengths come with it."""
    return lambda node: graph.from_node(node, targets)[0].astype(np.float64)


def scipys(graph: RoadGraph, targets: np.ndarray) -> Row:
    """SciPy's, from one node to all: it cannot stop at the targets, and knows no lengths."""
    shape = (len(graph), len(graph))
    # Parallel arcs would be added up: only the fastest of each pair stays.
    tail = np.repeat(np.arange(len(graph)), np.diff(graph.first))
    order = np.lexsort((graph.time_ds, graph.head, tail))
    pairs = np.stack([tail[order], graph.head[order]], axis=1)
    _, kept = np.unique(pairs, axis=0, return_index=True)
    chosen = order[kept]
    joined = csr_array(
        (graph.time_ds[chosen].astype(float), (tail[chosen], graph.head[chosen])), shape=shape
    )
    return lambda node: dijkstra(joined, indices=node)[targets]


def networkxs(graph: RoadGraph, targets: np.ndarray) -> Row:
    """NetworkX's, from one node to all."""
    built = networkx.DiGraph()
    built.add_nodes_from(range(len(graph)))
    for tail in range(len(graph)):
        for arc in range(graph.first[tail], graph.first[tail + 1]):
            head, time = int(graph.head[arc]), int(graph.time_ds[arc])
            if not built.has_edge(tail, head) or built[tail][head]["time"] > time:
                built.add_edge(tail, head, time=time)

    def row(node: int) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
        found = networkx.single_source_dijkstra_path_length(built, node, weight="time")
        return np.array([found[int(target)] for target in targets], dtype=np.float64)

    return row


def measured(row: Row, nodes: list[int]) -> tuple[float, list[np.ndarray]]:
    """CPU seconds of one row, warm, and all rows."""
    row(nodes[0])
    started = process_time()
    rows = [row(node) for node in nodes]
    return (process_time() - started) / len(nodes), rows


def compiled(source: Path) -> tuple[RoadGraph, dict[str, object]]:
    """The network of a file, and what compiling and loading it took; the first time warms up."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "roads"
        compile_file(source, out, _Now())
        started = process_time()
        origin = compile_file(source, out, _Now())
        compile_s = process_time() - started
        tracemalloc.start()
        started = process_time()
        graph = load(out).graph
        load_s, memory = process_time() - started, tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        size = out.stat().st_size
    figures: dict[str, object] = {
        "file": source.name,
        "nodes": len(graph),
        "arcs": len(graph.head),
        "road_km": origin["road_km"],
        "compile_s": round(compile_s, 2),
        "load_s": round(load_s, 3),
        "file_bytes": size,
        "memory_bytes": memory,
    }
    return graph, figures


def main() -> None:
    """Print one JSON line."""
    told = arguments(__doc__)
    graph, figures = compiled(told.instance or FILE)
    chance = np.random.default_rng(told.seed)
    targets = chance.integers(0, len(graph), TARGETS).astype(np.int32)
    nodes = [int(node) for node in chance.integers(0, len(graph), ROWS)]
    own_s, own = measured(ours(graph, targets), nodes)
    peers = {"scipy": scipys(graph, targets), "networkx": networkxs(graph, targets)}
    ratios, agree = {}, True
    for name, row in peers.items():
        few = nodes if name == "scipy" else nodes[: max(3, len(nodes) // 10)]
        peer_s, rows = measured(row, few)
        ratios[name] = round(peer_s / own_s, 1)
        agree &= all(bool((a == b).all()) for a, b in zip(own, rows, strict=False))
    figures |= {"rows_per_s": round(1 / own_s), "row_ms": round(own_s * 1e3, 3)}
    say("roads", **figures, slower_peers=ratios, rows_agree=agree)
    if not agree:
        sys.exit(1)


if __name__ == "__main__":
    main()
