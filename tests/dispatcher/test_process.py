"""Processes of a pool go when the one that started them is killed."""

import subprocess
import sys
from pathlib import Path

from tests.support.processes import is_gone, until_gone
from tests.support.project import ROOT

POOL = """
import os, time
from dispatcher.process import pool_of

if __name__ == "__main__":
    print(pool_of(1).submit(os.getpid).result(), flush=True)
    time.sleep(60)
"""


def test_a_pool_does_not_outlive_a_killed_service(tmp_path: Path) -> None:
    script = tmp_path / "service.py"
    script.write_text(POOL)
    with subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, env={"PYTHONPATH": str(ROOT)}
    ) as service:
        assert service.stdout is not None
        worker = int(service.stdout.readline())
        assert not is_gone(worker)
        service.kill()
    until_gone(worker)
