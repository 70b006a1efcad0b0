"""What becomes of processes."""

import time
from pathlib import Path


def is_gone(pid: int) -> bool:
    """Whether a process has ended, reaped or not."""
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] in "ZX"


def until_gone(pid: int, within_s: float = 20.0) -> None:
    """Return as soon as a process has ended; fail when it does not in time."""
    until = time.monotonic() + within_s
    while not is_gone(pid):
        assert time.monotonic() < until, "it lives on"
        time.sleep(0.01)
