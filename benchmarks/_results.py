"""What a benchmark says: one JSON line, and one way of stating its arguments."""

import argparse
import json
from pathlib import Path


def arguments(words: str | None, *names: str) -> argparse.Namespace:
    """Arguments of a benchmark on one instance; without an instance it runs its own cases.

    Args:
        words: what the benchmark measures.
        names: which of ``plan``, ``warm``, ``out``, ``compare``, ``seconds`` it takes.
    """
    parser = argparse.ArgumentParser(description=words)
    parser.add_argument("--instance", type=Path, help="file to solve")
    parser.add_argument("--seed", type=int, default=1, help="names the run")
    if "seconds" in names:
        parser.add_argument("--seconds", type=float, help="processor seconds on one core")
    for name in ("plan", "warm", "out"):
        if name in names:
            parser.add_argument(f"--{name}", type=Path)
    if "compare" in names:
        parser.add_argument("--compare", action="store_true", help="run the other solvers too")
    return parser.parse_args()


def say(benchmark: str, **figures: object) -> None:
    """Print one JSON line."""
    print(json.dumps({"benchmark": benchmark, **figures}), flush=True)


def instances_at(benchmark: str, path: Path | None, default: Path, needs: str) -> Path | None:
    """Where the instances are; ``None`` after saying in one JSON line what is missing.

    Args:
        benchmark: its name.
        path: as asked for; left out, the default folder is used if it is there.
        default: folder beside the benchmarks, not delivered with them.
        needs: the files wanted, in words.

    Raises:
        SystemExit: a path was asked for and leads nowhere.
    """
    if path is not None and not path.exists():
        say(benchmark, missing=str(path), needs=needs)
        raise SystemExit(2)
    if path is None and not default.exists():
        where = f"benchmarks/{default.parent.name}/{default.name}"
        say(benchmark, skipped=f"no instances: put {needs} in {where}, or name them: --instance")
        return None
    return path or default
