"""The first `.env` of a production service: what only its owner can say, and secrets nobody chose.

Compose and the service read the same file; every other setting has a default (docs/reference.md).
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from dispatcher.clock import secret_token

DOMAIN = re.compile(r"^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$")
SLUG = re.compile(r"^[a-z0-9-]{2,40}$")


@dataclass(frozen=True, slots=True)
class Answers:
    """What the owner says.

    Attributes:
        domain: Host name that leads to this machine, without scheme or port.
        org: Slug of the authority, 2 to 40 of a-z, 0-9 and hyphen.
        org_name: Name of the authority as people read it.
    """

    domain: str
    org: str
    org_name: str


def environment(answers: Answers) -> str:
    """Return the text of a `.env` file with fresh secrets.

    Raises:
        ValueError: An answer cannot be; it names which.
    """
    if not DOMAIN.match(answers.domain):
        raise ValueError(f"not a host name: {answers.domain!r}")
    if not SLUG.match(answers.org):
        raise ValueError(f"not a slug of a-z, 0-9 and hyphens: {answers.org!r}")
    if not answers.org_name.strip() or not answers.org_name.isprintable():
        raise ValueError("the name of the authority is empty or not printable")
    # Readers of the file disagree on how to escape a dollar, so it has none.
    if "$" in answers.org_name:
        raise ValueError("the name of the authority has a dollar sign, which is not possible here")
    quoted = answers.org_name.replace("\\", "\\\\").replace("'", "\\'")
    lines = [
        "# Secrets: keep a copy elsewhere, show it to nobody, never commit it.",
        f"CPO_DOMAIN={answers.domain}",
        f"CPO_ORG={answers.org}",
        f"CPO_ORG_NAME='{quoted}'",
        "# Tracking links derive from it: with another one, links already sent still open.",
        f"CPO_SECRET_KEY={secret_token()}",
        "# The database takes it when it is first made; changing it later is done in both places.",
        f"POSTGRES_PASSWORD={secret_token()}",
        "# Prometheus sends it as a bearer token to /metrics.",
        f"CPO_METRICS_TOKEN={secret_token()}",
        "# Web push: browsers that take messages must ask anew when it changes.",
        f"CPO_PUSH_PRIVATE_KEY={secret_token()}",
    ]
    return "\n".join(lines) + "\n"


def write(path: Path, answers: Answers) -> None:
    """Write the file, readable by its owner alone.

    Raises:
        FileExistsError: There is one; its secrets are in use.
        ValueError: An answer cannot be.
    """
    text = environment(answers)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise FileExistsError("exists, and its secrets may be in use: left as it is") from None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
