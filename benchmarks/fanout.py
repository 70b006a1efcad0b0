"""What one delivery costs: our hub with all guarantees on, the usual FastAPI loop, Node's `ws`.

Run ``python -m benchmarks.fanout [--clients 2000 --seconds 10 --rate 10]``; prints one JSON line.
Every server runs alone in its turn, on one core, against the same load from the other core:
compare CPU per delivery and its ratios, which foreign load on the machine changes little.
Latencies count from the instant at which an event was due, and include the client's own reading.
``ws`` is taken from ``ui/node_modules`` or installed by npm into a temporary folder; without it
the peer is reported as absent.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[1]
SETTLE_S = 2.0


@dataclass(frozen=True, slots=True)
class Load:
    """What is asked of each server."""

    clients: int
    seconds: float
    rate: float

    @property
    def deliveries(self) -> int:
        """How many deliveries it makes."""
        return self.clients * int(self.rate * self.seconds)


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


def _memory_kib(process: psutil.Process) -> float:
    return float(process.memory_full_info().pss) / 1024


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
    """Run one server under the load and return what it took."""
    with ExitStack() as stack:
        server = _start(command, 1, stack)
        port = _line(server)
        watched = psutil.Process(server.pid)
        base_kib, base_cpu = _memory_kib(watched), watched.cpu_times()
        client_command = [sys.executable, "-m", "benchmarks._fanout_client"]
        client = _start([*client_command, port, str(load.clients), kind], 0, stack)
        _line(client)
        connected = watched.cpu_times()
        began = time.perf_counter()
        _tell(server, f"go {load.rate} {load.seconds}")
        _line(server)
        took_s = time.perf_counter() - began
        time.sleep(SETTLE_S)
        end, kib = watched.cpu_times(), _memory_kib(watched)
        _tell(client, "stop")
        seen = json.loads(_line(client))
    deliveries = max(1, seen["delivered"])
    user = (end.user - connected.user) * 1e6 / deliveries
    system = (end.system - connected.system) * 1e6 / deliveries
    shake = (connected.user + connected.system) - (base_cpu.user + base_cpu.system)
    return Cost(
        cpu_us_per_delivery=round(user + system, 2),
        user_us=round(user, 2),
        system_us=round(system, 2),
        kib_per_connection=round((kib - base_kib) / load.clients, 1),
        connect_cpu_ms=round(shake * 1000 / load.clients, 2),
        p50_ms=seen["p50_ms"],
        p99_ms=seen["p99_ms"],
        published_in_s=round(took_s, 1),
        delivered=round(seen["delivered"] / load.deliveries, 4),
        gaps=seen["gaps"],
        doubles=seen["doubles"],
    )


def find_ws(stack: ExitStack) -> Path | None:
    """Return a folder from which Node resolves `ws`, or None."""
    if shutil.which("node") is None:
        return None
    if (ROOT / "ui" / "node_modules" / "ws").is_dir():
        return ROOT / "ui"
    if shutil.which("npm") is None:
        return None
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cpo-ws-")))
    install = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder)]
    try:
        done = subprocess.run([*install, "ws"], capture_output=True, check=False, timeout=60)
    except subprocess.TimeoutExpired:
        return None
    return folder if done.returncode == 0 else None


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
    parser.add_argument("--clients", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rate", type=float, default=10, help="events per second")
    load = Load(**vars(parser.parse_args()))
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    python = [sys.executable, "-m", "benchmarks._fanout_servers"]
    costs: dict[str, Cost | None] = {}
    with ExitStack() as stack:
        costs["ours"] = measure("ours", [*python, "ours"], load)
        costs["naive"] = measure("naive", [*python, "naive"], load)
        ws = find_ws(stack)
        peer = ["node", str(ROOT / "benchmarks" / "_fanout_ws.mjs"), str(ws)]
        costs["node_ws"] = measure("ws", peer, load) if ws else None
    line = {
        "benchmark": "fanout",
        **asdict(load),
        "servers": {name: cost and asdict(cost) for name, cost in costs.items()},
        "absent": [name for name, cost in costs.items() if cost is None],
        "cpu_ratios": ratios(costs),
        "goals": {"ours/naive": 0.4, "ours/node_ws": 0.95, "kib_per_connection": 24},
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
