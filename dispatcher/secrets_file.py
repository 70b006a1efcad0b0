"""The service's own secret: from its setting, or from a file that only its user can read."""

import os
from pathlib import Path

from dispatcher.clock import secret_token
from dispatcher.settings import Settings

SHORTEST = 32
"""Characters of a key; what is shorter was never finished."""


def service_secret(settings: Settings) -> bytes:
    """Return the key from which tracking tokens derive; makes and keeps one on first use.

    Losing it makes every tracking link already sent unable to be sent again, but those links still
    open.
    """
    given = settings.secret_key.get_secret_value()
    if given:
        return given.encode()
    path = (settings.sqlite_path or Path("cpo")).with_suffix(".secret")
    if not _is_whole(path):
        _make(path)
    return path.read_text().strip().encode()


def _is_whole(path: Path) -> bool:
    return path.exists() and len(path.read_text().strip()) >= SHORTEST


def _make(path: Path) -> None:
    # Written aside, then renamed: a crash in between must not leave an empty key in use.
    draft = path.with_suffix(".secret-draft")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(secret_token())
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
