"""The folder of a service's attachments, and what is swept out of it."""

from sqlmodel import select

from dispatcher.attachments.files import Folder
from dispatcher.auth.context import Service
from dispatcher.models import Attachment


def folder_of(service: Service) -> Folder:
    """Return the folder of a service's attachments."""
    return Folder(service.settings.attachments_path)


def sweep(service: Service) -> int:
    """Delete files that no row has named for a day; return how many (blocking)."""
    with service.store.read() as session:
        known = frozenset(session.exec(select(Attachment.name)).all())
    return folder_of(service).sweep(known, service.clocks.wall.now())
