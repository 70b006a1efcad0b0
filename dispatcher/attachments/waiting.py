"""A file that was taken before what it belongs to is stored: its receipt goes round with the form.

A form that comes back with a question or a fault cannot keep a chosen file: browsers forget it. So
the file is kept at once, and a sealed receipt of it travels in the page. What is never sent again
has no row and is swept after a day.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import asdict

from dispatcher.attachments.commands import Kept
from dispatcher.attachments.files import Folder
from dispatcher.errors import NotFound


def seal(secret: bytes, kept: Kept) -> str:
    """Return the receipt of a file that waits for its row."""
    said = json.dumps(asdict(kept), separators=(",", ":")).encode()
    return f"{_text(said)}.{_text(_mac(secret, said))}"


def unseal(secret: bytes, folder: Folder, receipt: str) -> Kept | None:
    """Return the file behind a receipt; None when it is not ours or the file was swept."""
    body, _, signature = receipt.partition(".")
    try:
        said, given = _bytes(body), _bytes(signature)
    except ValueError:
        return None
    if not hmac.compare_digest(given, _mac(secret, said)):
        return None
    kept = Kept(**json.loads(said))
    try:
        folder.find(kept.name)
    except NotFound:
        return None
    return kept


def preview(folder: Folder, kept: Kept) -> str:
    """Return the small picture of a file as the address of an image."""
    path = folder.find(kept.name, small=True)
    return "data:image/jpeg;base64," + base64.b64encode(path.read_bytes()).decode()


def _mac(secret: bytes, said: bytes) -> bytes:
    return hmac.new(secret, b"attachment:" + said, hashlib.sha256).digest()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
