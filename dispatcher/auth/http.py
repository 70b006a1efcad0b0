"""What every write over HTTP does alike: versions in ETag and If-Match, commands sent to the
writer.
"""

import re

from dispatcher.errors import PreconditionRequired, StaleVersion

_ETAG = re.compile(r'^(?:W/)?"v([0-9]{1,18})"$')


def etag(version: int) -> str:
    """Return the strong ETag of a version, e.g. `"v7"`."""
    return f'"v{version}"'


def seen_version(if_match: str | None) -> int:
    """Return the version that an If-Match header names.

    Raises:
        PreconditionRequired: The header is missing.
        StaleVersion: The header names no version of ours.
    """
    if not if_match:
        raise PreconditionRequired()
    found = _ETAG.match(if_match.strip())
    if found is None:
        raise StaleVersion(seen=if_match[:40])
    return int(found.group(1))
