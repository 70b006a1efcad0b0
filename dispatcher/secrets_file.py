"""The service's own secret: from its setting, or from a file that only its user can read."""

import os
from pathlib import Path

from dispatcher.clock import secret_token
from dispatcher.settings import Settings


def service_secret(settings: Settings) -> bytes:
    """Return the key from which tracking tokens derive; makes and keeps one on first use.

    Losing it makes every tracking link already sent unable to be sent again, but those links still
    open.
    """
    given = settings.secret_key.get_secret_value()
    if given:
        return given.encode()
    base = settings.sqlite_path or Path("cpo")
    path = base.with_suffix(".secret")
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secret_token())
    return path.read_text().strip().encode()
