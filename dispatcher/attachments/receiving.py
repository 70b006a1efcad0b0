"""From bytes on a wire to a file in the folder: counted as they come, cleaned in a thread.

Whoever stores an upload does three things::

    kept = await receive(service, request.stream(), said.kind)  # bounded, cleaned, written
    row = await service.store.submit(lambda tx: commands.add(tx, kept, said, about), actor)
    queries.out([row])

A file whose row is refused stays behind without one; the worker sweeps it after a day.
"""

import hashlib
from collections.abc import AsyncIterable
from functools import partial

from anyio import CapacityLimiter, to_thread

from dispatcher.attachments.commands import Kept
from dispatcher.attachments.files import Folder
from dispatcher.attachments.keeping import folder_of
from dispatcher.attachments.media import Kind, clean
from dispatcher.auth.context import Service
from dispatcher.errors import InvalidInput, TooLarge

AT_ONCE = 2
"""Pictures decoded at the same time in a process: each takes a core, and memory by its pixels."""
MOST_BYTES: dict[str, int] = {"audio": 6_000_000, "signature": 600_000}
"""Less than what the door lets in; photos may take all of that."""


async def receive(service: Service, chunks: AsyncIterable[bytes], kind: Kind) -> Kept:
    """Take a file as it comes in, and keep what is fit to be kept.

    Raises:
        TooLarge: More bytes or pixels than this kind may have; the rest is not read.
        UnsupportedMedia: Not of a type that this kind takes.
        InvalidInput: Empty, or a picture that cannot be decoded.
    """
    most = MOST_BYTES.get(kind, service.settings.max_upload_bytes)
    data = bytearray()
    async for chunk in chunks:
        data += chunk
        if len(data) > most:
            raise TooLarge("this file is too large", most=most)
    return await keep(service, bytes(data), kind)


async def keep(service: Service, data: bytes, kind: Kind) -> Kept:
    """Clean a file and write it to the folder; raises what `receive` raises."""
    if not data:
        raise InvalidInput("the file is empty", field="file")
    if len(data) > MOST_BYTES.get(kind, service.settings.max_upload_bytes):
        raise TooLarge("this file is too large")
    limiter: CapacityLimiter = service.parts.setdefault("pictures", CapacityLimiter(AT_ONCE))
    return await to_thread.run_sync(partial(_keep, folder_of(service), data, kind), limiter=limiter)


def _keep(folder: Folder, data: bytes, kind: Kind) -> Kept:
    cleaned = clean(data, kind)
    return Kept(
        name=folder.write(cleaned.data, cleaned.small),
        media_type=cleaned.media_type,
        size=len(cleaned.data),
        sha256=hashlib.sha256(data).hexdigest(),
        width=cleaned.width,
        height=cleaned.height,
    )
