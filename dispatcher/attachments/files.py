"""Where the bytes of attachments lie: one folder, names that say nothing, files whole or absent.

A file is written before its row is stored, and deleted after its row is gone: whatever has no row
for a day is nobody's and is swept.
"""

import os
import re
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from dispatcher.clock import secret_token
from dispatcher.errors import NotFound

_NAME = re.compile(r"[A-Za-z0-9_-]{32}")
SMALL = ".small"
ORPHANS_KEPT = timedelta(days=1)


class Folder:
    """The folder of a service's attachments."""

    def __init__(self, path: Path) -> None:
        """Take a folder that need not exist yet."""
        self.path = path

    def write(self, data: bytes, small: bytes | None = None) -> str:
        """Store a file and its small picture under a fresh name, and return the name."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = secret_token()[:32]
        if small is not None:
            self._put(name + SMALL, small)
        self._put(name, data)
        return name

    def put(self, name: str, data: bytes) -> None:
        """Store a file under a name that is known, as a restore does.

        Raises:
            NotFound: This is no name of ours.
        """
        _checked(name.removesuffix(SMALL))
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._put(name, data)

    def find(self, name: str, *, small: bool = False) -> Path:
        """Return where a file lies; the whole one when it has no small picture.

        Raises:
            NotFound: It is gone, or this is no name of ours.
        """
        whole = self.path / _checked(name)
        for path in (self.path / (name + SMALL), whole) if small else (whole,):
            if path.is_file():
                return path
        raise NotFound(what="file")

    def names(self) -> Iterator[tuple[str, float]]:
        """Yield the name of every file of ours, and when it was written, in seconds of the
        epoch.
        """
        if not self.path.is_dir():
            return
        for entry in os.scandir(self.path):
            if _NAME.fullmatch(entry.name.removesuffix(SMALL)) and entry.is_file():
                yield entry.name, entry.stat().st_mtime

    def delete(self, name: str) -> None:
        """Delete a file and its small picture; does nothing when they are gone."""
        for one in (name, name + SMALL):
            (self.path / one).unlink(missing_ok=True)

    def sweep(self, known: Collection[str], wall: datetime) -> int:
        """Delete files that no row names and that were written more than a day ago; return how
        many.
        """
        before = (wall - ORPHANS_KEPT).timestamp()
        swept = 0
        for name, written_s in list(self.names()):
            if written_s < before and name.removesuffix(SMALL) not in known:
                (self.path / name).unlink(missing_ok=True)
                swept += 1
        return swept

    def _put(self, name: str, data: bytes) -> None:
        draft = self.path / f"{name}.part"
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path / name)


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise NotFound(what="file")
    return name
