"""Time and chance are arguments: only dispatcher/clock.py may ask the machine for them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.project import ROOT, name_of, source_files

BANNED = [
    "from datetime import datetime, UTC\nwhen = datetime.now(UTC)\n",
    "import datetime\nwhen = datetime.datetime.utcnow()\n",
    "from datetime import date\nday = date.today()\n",
    "import time\nwhen = time.time()\n",
    "import time\nwhen = time.monotonic()\n",
    "from random import Random\n",
    "import uuid\nname = uuid.uuid4()\n",
    "import secrets\n",
]


def ruff(source: str, file_name: str) -> set[str]:
    """Return the codes that our own settings give to a source at a place."""
    command = [sys.executable, "-m", "ruff", "check", "--select=TID251", "--output-format=json"]
    done = subprocess.run(
        [*command, "--stdin-filename", file_name, "-"],
        input=source,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return {fault["code"] for fault in json.loads(done.stdout)}


@pytest.mark.parametrize("source", BANNED)
def test_the_machines_clock_and_dice_are_banned(source: str) -> None:
    assert ruff(source, "priority/score.py") == {"TID251"}


def test_the_clock_module_may_read_the_clock() -> None:
    assert ruff("import secrets\nimport time\nnow = time.time()\n", "dispatcher/clock.py") == set()


def test_nobody_switches_the_ban_off() -> None:
    offenders = [
        f"{name_of(path)}:{number}"
        for path in source_files(".py")
        for number, line in enumerate(Path(path).read_text(encoding="utf-8").splitlines(), 1)
        if "noqa" in line and "TID251" in line
    ]

    assert offenders == []
