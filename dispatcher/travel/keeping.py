"""What routers and the road network answered, kept in a file: a restart asks for nothing again.

A cache and no more: not in the database and not in its backups, written whole beside the old one,
and forgotten where it does not fit: another road file, another router, another format, too old.
"""

import json
import logging
import os
import zipfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from dispatcher.clock import Clock
from dispatcher.travel.table import TravelTable
from scheduling.dispatch.estimates import SOURCES

log = logging.getLogger("cpo.travel")

FORMAT: Final = 1
KEPT_FOR: Final = timedelta(days=30)
"""Roads change, and a router is fed anew: older answers are asked for again."""


@dataclass(slots=True)
class TravelFile:
    """Where one process keeps its table.

    Attributes:
        path: The file.
        clock: Real time: answers age whether or not the service's own clock runs.
        origins: Source name → what it is (digest of the roads, address of the router).
        kept_at: When the table was last written or read from there; None before.
        trouble: Why it could not be written last; None if it could.
    """

    path: Path
    clock: Clock
    origins: dict[str, str]
    kept_at: datetime | None = None
    trouble: str | None = None

    def save(self, table: TravelTable) -> bool:
        """Write the table; a reader never sees half of it. Say whether it could be written."""
        now = self.clock.now()
        about = {"format": FORMAT, "at": now.isoformat(), "origins": self.origins}
        partial = self.path.with_name(f"{self.path.name}.{os.getpid()}.part")
        try:
            with partial.open("wb") as out:
                np.savez_compressed(out, about=np.array(json.dumps(about)), **table.content())
            partial.replace(self.path)
        except OSError as error:
            self.trouble = error.strerror or type(error).__name__
            log.warning("travel_not_kept", extra={"detail": self.trouble})
            return False
        self.kept_at, self.trouble = now, None
        return True

    def load(self, table: TravelTable) -> int:
        """Fill an empty table from the file; return how many pairs it gave, 0 without a file."""
        try:
            with self.path.open("rb") as raw, np.load(raw, allow_pickle=False) as found:
                about = json.loads(str(found["about"]))
                content = {name: found[name] for name in table.content()}
            at = datetime.fromisoformat(about["at"])
            if about["format"] != FORMAT or self.clock.now() - at > KEPT_FOR:
                return 0
            for name, origin in about["origins"].items():
                if self.origins.get(name) != origin:
                    codes = content["codes"]
                    codes[codes == SOURCES.index(name)] = 0
            filled = table.fill(content)
        except FileNotFoundError:
            return 0
        except (OSError, KeyError, ValueError, TypeError, EOFError, zipfile.BadZipFile) as error:
            # A cache that cannot be read is no cache: the answers are found again.
            log.warning("travel_file_unreadable", extra={"detail": str(error)})
            return 0
        self.kept_at = at
        return filled
