"""Photos that citizens send with a form, with or without JavaScript, and what happens to them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fastapi import Request
from sqlmodel import select
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from dispatcher.actors import Actor
from dispatcher.attachments import commands, receiving, waiting
from dispatcher.attachments.commands import About, Kept
from dispatcher.attachments.keeping import folder_of
from dispatcher.attachments.schemas import AttachmentIn
from dispatcher.auth.context import Service, client_address, service_of
from dispatcher.auth.tracking import request_by_token
from dispatcher.database import Tx
from dispatcher.errors import CpoError, InvalidInput, TooLarge, TooMany, UnsupportedMedia
from dispatcher.models import Attachment, Incident
from dispatcher.models import Request as Followed

MOST = 3
FILES_READ = 20
"""More than a form takes, so that whoever chose too many is told so in words."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo that goes round with the form: its receipt, and how it looks."""

    receipt: str
    picture: str
    kept: Kept


@dataclass(frozen=True, slots=True)
class Photos:
    """What a form brought.

    Attributes:
        taken: Fit to be kept, those kept before included.
        fault: Key of the sentence that says what is wrong with the others.
    """

    taken: Sequence[Photo] = ()
    fault: str | None = None


async def form_of(request: Request) -> FormData:
    """Return a form that may hold files."""
    return await request.form(max_files=FILES_READ, max_fields=60)


async def photos_of(request: Request, typed: FormData) -> Photos:
    """Return the photos of a form: clean, in the folder, waiting for the report to be stored. The
    form's own files are closed.
    """
    try:
        return await _photos_of(request, typed)
    finally:
        await typed.close()


async def _photos_of(request: Request, typed: FormData) -> Photos:
    service = service_of(request)
    found = Photos(await run_in_threadpool(_kept_before, service, typed))
    files = [one for one in typed.getlist("photos") if isinstance(one, UploadFile) and one.size]
    if not files:
        return found
    try:
        await service.limits.take("photo", client_address(request), burst=12, per_s=0.2)
    except TooMany:
        return replace(found, fault="photos_later")
    for file in files:
        if len(found.taken) == MOST:
            return replace(found, fault="photos_many")
        found = await _with(service, found, file)
    return found


async def attach(service: Service, actor: Actor, token: str, photos: Sequence[Photo]) -> None:
    """Store the photos of whoever holds a link; one that is there already is not stored twice.

    Args:
        service: The running service.
        actor: Who sends.
        token: Of the tracking link.
        photos: From `photos_of`.
    """
    if not photos:
        return

    def add(tx: Tx) -> list[str]:
        request = request_by_token(tx.session, token)
        return store(tx, request, [photo.kept for photo in photos])

    for name in await service.store.submit(add, actor):
        await run_in_threadpool(folder_of(service).delete, name)


def store(tx: Tx, request: Followed, kept: Sequence[Kept]) -> list[str]:
    """Add photos to a request; return the names of those that were there already."""
    known = set(
        tx.session.exec(select(Attachment.sha256).where(Attachment.request_id == request.id)).all()
    )
    incident = tx.session.get_one(Incident, request.incident_id)
    doubled = []
    for one in kept:
        if one.sha256 in known:
            if _is_free(tx, one.name):
                doubled.append(one.name)
            continue
        known.add(one.sha256)
        about = About(incident.id, "citizen", request_id=request.id)
        commands.add(tx, one, AttachmentIn(kind="photo"), about)
    return doubled


def _is_free(tx: Tx, name: str) -> bool:
    return tx.session.exec(select(Attachment.id).where(Attachment.name == name)).first() is None


async def _with(service: Service, found: Photos, file: UploadFile) -> Photos:
    try:
        kept = await receiving.keep(service, await file.read(), "photo")
    except UnsupportedMedia:
        return replace(found, fault="photos_kind")
    except TooLarge:
        return replace(found, fault="photos_large")
    except InvalidInput:
        return replace(found, fault="photos_broken")
    except CpoError:
        return replace(found, fault="photos_later")
    if any(one.kept.sha256 == kept.sha256 for one in found.taken):
        await run_in_threadpool(folder_of(service).delete, kept.name)
        return found
    made = await run_in_threadpool(_photo, service, kept)
    return replace(found, taken=(*found.taken, made))


def _photo(service: Service, kept: Kept) -> Photo:
    receipt = waiting.seal(service.secret, kept)
    return Photo(receipt, waiting.preview(folder_of(service), kept), kept)


def _kept_before(service: Service, typed: FormData) -> tuple[Photo, ...]:
    receipts = [str(one) for one in typed.getlist("kept")][:MOST]
    folder = folder_of(service)
    found = [waiting.unseal(service.secret, folder, receipt) for receipt in receipts]
    return tuple(_photo(service, kept) for kept in found if kept is not None)
