"""What one delivery costs: our hub with all guarantees on, the usual FastAPI loop, `ws`, socket.io.

The loop comes twice: `naive` has the settings of ours (no compression, no pings of its own);
`default` is what `uvicorn app:app` does for browsers, which offer compression.

``python -m benchmarks.fanout [--clients 500 2000 5000] [--seconds 10] [--rate 10] [--workers 1]``
prints one JSON line for each number of clients. Every server runs alone in its turn, on one core,
against the same load from the other core: compare CPU per delivery and its ratios, which foreign
load on the machine changes little. Latencies count from the instant at which an event was due, and
include the client's own reading. The peers come with the development packages of ``ui``; what is
missing is named, not measured. With more than one worker only ours runs: each worker publishes the
same events to its share of the clients, as processes do that read one log.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from benchmarks._results import say

ROOT = Path(__file__).parents[1]
SETTLE_S = 2.0


@dataclass(frozen=True, slots=True)
class Load:
    """What is asked of each server."""

    clients: int
    seconds: float
    rate: float
    workers: int = 1

    @property
    def deliveries(self) -> int:
        """How many deliveries it makes."""
        return self.clients * int(self.rate * self.seconds)


@dataclass(frozen=True, slots=True)
class Use:
    """What processes have used so far: seconds of CPU, and memory."""

    user_s: float
    system_s: float
    kib: float


@dataclass(frozen=True, slots=True)
class Cost:
    """What a server took for the load."""

    cpu_us_per_delivery: float
    user_us: float
    system_us: float
    kib_per_connection: float
    connect_cpu_ms: float
    p50_ms: float
    p99_ms: float
    published_in_s: float
    delivered: float
    gaps: int
    doubles: int


def _use(processes: list[subprocess.Popen[str]]) -> Use:
    watched = [psutil.Process(process.pid) for process in processes]
    times = [process.cpu_times() for process in watched]
    return Use(
        user_s=sum(spent.user for spent in times),
        system_s=sum(spent.system for spent in times),
        kib=sum(process.memory_full_info().pss for process in watched) / 1024,
    )


def _start(command: list[str], core: int, stack: ExitStack) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    stack.callback(process.wait)
    stack.callback(process.kill)
    if (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(process.pid, {core})
    return process


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"{process.args!r} ended early")
    return line.strip()


def _tell(process: subprocess.Popen[str], order: str) -> None:
    assert process.stdin is not None
    process.stdin.write(order + "\n")
    process.stdin.flush()


def measure(kind: str, command: list[str], load: Load) -> Cost:
    """Run one server (as many processes as `load.workers`) under the load."""
    with ExitStack() as stack:
        cores = os.cpu_count() or 1
        servers = [_start(command, (1 + n) % cores, stack) for n in range(load.workers)]
        ports = [_line(server) for server in servers]
        base = _use(servers)
        client = [sys.executable, "-m", "benchmarks._fanout_client"]
        share = str(load.clients // load.workers)
        crowds = [
            _start([*client, port, share, kind], n % cores, stack) for n, port in enumerate(ports)
        ]
        for crowd in crowds:
            _line(crowd)
        connected = _use(servers)
        began = time.perf_counter()
        for server in servers:
            _tell(server, f"go {load.rate} {load.seconds}")
        for server in servers:
            _line(server)
        took_s = time.perf_counter() - began
        time.sleep(SETTLE_S)
        end = _use(servers)
        for crowd in crowds:
            _tell(crowd, "stop")
        seen = [json.loads(_line(crowd)) for crowd in crowds]
    return cost(load, seen, (base, connected, end), took_s)


def cost(
    load: Load, seen: list[dict[str, float]], used: tuple[Use, Use, Use], took_s: float
) -> Cost:
    """Return what the load took, from what the clients saw and the servers used.

    Args:
        load: What was asked.
        seen: Report of each crowd of clients.
        used: Before the connections, before the first event, after the last.
        took_s: How long publishing took.
    """
    base, connected, end = used
    delivered = sum(crowd["delivered"] for crowd in seen)
    user = (end.user_s - connected.user_s) * 1e6 / max(1, delivered)
    system = (end.system_s - connected.system_s) * 1e6 / max(1, delivered)
    shake_s = connected.user_s + connected.system_s - base.user_s - base.system_s
    return Cost(
        cpu_us_per_delivery=round(user + system, 2),
        user_us=round(user, 2),
        system_us=round(system, 2),
        kib_per_connection=round((end.kib - base.kib) / load.clients, 1),
        connect_cpu_ms=round(shake_s * 1000 / load.clients, 2),
        p50_ms=max(crowd["p50_ms"] for crowd in seen),
        p99_ms=max(crowd["p99_ms"] for crowd in seen),
        published_in_s=round(took_s, 1),
        delivered=round(delivered / load.deliveries, 4),
        gaps=int(sum(crowd["gaps"] for crowd in seen)),
        doubles=int(sum(crowd["doubles"] for crowd in seen)),
    )


def servers(load: Load) -> dict[str, list[str] | None]:
    """Return how to start each server; None for one that this machine lacks."""
    python = [sys.executable, "-m", "benchmarks._fanout_servers"]
    if load.workers > 1:
        return {"ours": [*python, "ours"]}
    packages = ROOT / "ui" / "node_modules"
    peer = ["node", str(ROOT / "benchmarks" / "_fanout_peers.mjs")]
    found: dict[str, list[str] | None] = {
        name: [*python, name] for name in ("ours", "naive", "default")
    }
    for name in ("ws", "socket.io"):
        there = shutil.which("node") is not None and (packages / name).is_dir()
        found[name] = [*peer, name, str(packages.parent)] if there else None
    return found


def ratios(costs: dict[str, Cost | None]) -> dict[str, float]:
    """Return our CPU per delivery over each other server's."""
    mine = costs["ours"]
    return {
        f"ours/{name}": round(mine.cpu_us_per_delivery / cost.cpu_us_per_delivery, 3)
        for name, cost in costs.items()
        if mine is not None and cost is not None and name != "ours"
    }


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, nargs="+", default=[500, 2000, 5000])
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rate", type=float, default=10, help="events per second")
    parser.add_argument("--workers", type=int, default=1, help="processes of ours")
    asked = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    for clients in asked.clients:
        load = Load(clients, asked.seconds, asked.rate, asked.workers)
        costs = {
            name: command and measure(name, command, load)
            for name, command in servers(load).items()
        }
        say(
            "fanout",
            **asdict(load),
            servers={name: cost and asdict(cost) for name, cost in costs.items()},
            absent=[name for name, cost in costs.items() if cost is None],
            cpu_ratios=ratios(costs),
            goals={"ours/naive": 0.4, "ours/ws": 0.95, "kib_per_connection": 24},
        )


if __name__ == "__main__":
    main()
