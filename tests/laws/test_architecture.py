"""Who may import whom: the import-linter contracts of pyproject.toml, run by pytest too."""

import subprocess
import sys

from tests.support.project import ROOT

# In a process of its own: the linter switches off every logger of the one it runs in.
LINT = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"


def test_imports_follow_the_layers() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LINT], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
