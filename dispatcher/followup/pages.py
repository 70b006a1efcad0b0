"""The tracking page, and what somebody does on it: plain forms that need no script."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import segno
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import FileResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool

from dispatcher.actors import Actor
from dispatcher.attachments.api import serve
from dispatcher.auth import access
from dispatcher.auth.context import Service, client_address, service_of
from dispatcher.auth.tracking import request_by_token
from dispatcher.database import Tx
from dispatcher.errors import Conflict, CpoError, InvalidInput, NotFound, TooMany
from dispatcher.followup import commands
from dispatcher.followup.queries import tracking
from dispatcher.followup.slots import Slot, slot_of
from dispatcher.intake import forms, photos
from dispatcher.intake.following import stages_of
from dispatcher.intake.pages import locale_of, render
from dispatcher.intake.photos import Photo
from dispatcher.intake.wording import Words
from dispatcher.models import Attachment
from dispatcher.wire import clean_text

router = APIRouter(include_in_schema=False)

Anyone = Annotated[Actor, Depends(access.public)]
TEXT_AT_MOST = 2000
WHY_AT_MOST = 300
SAID = frozenset({"added", "wished", "answered", "notices"})


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed on the page that came back with a fault."""

    form: str = ""
    fault: str = ""
    text: str = ""
    question: str = ""
    photos: tuple[Photo, ...] = ()


class Refused(Exception):
    """An action of the page that is not done; `fault` names the sentence."""

    def __init__(self, fault: str) -> None:
        """Keep what to say."""
        super().__init__(fault)
        self.fault = fault


@router.get("/suivi/{token}")
def follow_request(request: Request, token: str, _anyone: Anyone) -> Response:
    """Show a citizen what happens now with his request; wrong and expired links look alike."""
    return _page(request, token, Typed())


@router.post("/suivi/{token}/ajouter")
async def add(request: Request, token: str, actor: Anyone) -> Response:
    """Add a detail, photos, or the answer to a question of the desk."""
    typed = await photos.form_of(request)
    text = str(typed.get("text") or "").strip()
    question = _id(typed.get("question"))
    kept = Typed("add", text=text, question=str(question or ""))
    if typed.get(forms.TRAP):
        await typed.close()
        return RedirectResponse(f"/suivi/{token}", 303)
    brought = await photos.photos_of(request, typed)
    kept = replace(kept, photos=tuple(brought.taken))
    if brought.fault is not None:
        return await run_in_threadpool(_page, request, token, replace(kept, fault=brought.fault))

    def store(tx: Tx) -> None:
        found = request_by_token(tx.session, token)
        if text:
            commands.add_word(tx, found, text, question)
        photos.store(tx, found, [one.kept for one in brought.taken])

    try:
        _check(text, is_needed=not brought.taken)
    except Refused as refused:
        return await run_in_threadpool(_page, request, token, replace(kept, fault=refused.fault))
    return await _act(request, token, actor, store, "answered" if question else "added", kept)


@router.post("/suivi/{token}/autre-moment")
async def ask_another_time(request: Request, token: str, actor: Anyone) -> Response:
    """Ask for another half day."""
    service = service_of(request)
    typed = await request.form()
    now = service.clocks.service.now()
    slot = slot_of(str(typed.get("slot", "")), now, ZoneInfo(service.settings.timezone))
    why = str(typed.get("why") or "").strip()[:WHY_AT_MOST]
    kept = Typed("wish", text=why)
    if slot is None:
        return await run_in_threadpool(_page, request, token, replace(kept, fault="slot"))
    wished: Slot = slot

    def store(tx: Tx) -> None:
        commands.wish(tx, request_by_token(tx.session, token), wished, why)

    return await _act(request, token, actor, store, "wished", kept)


@router.post("/suivi/{token}/repare")
async def say_whether_fixed(request: Request, token: str, actor: Anyone) -> Response:
    """Answer whether it is really repaired."""
    typed = await request.form()
    fixed = {"oui": True, "non": False}.get(str(typed.get("fixed", "")))
    if fixed is None:
        return RedirectResponse(f"/suivi/{token}", 303)
    is_fixed: bool = fixed

    def store(tx: Tx) -> None:
        commands.tell_outcome(tx, request_by_token(tx.session, token), fixed=is_fixed)

    return await _act(request, token, actor, store, "answered", Typed("fixed"))


@router.post("/suivi/{token}/messages")
async def choose_notices(request: Request, token: str, actor: Anyone) -> Response:
    """Stop the messages, let them come again, or at night as well."""
    typed = await request.form()

    def store(tx: Tx) -> None:
        found = request_by_token(tx.session, token)
        stopped = str(typed.get("stop", "")) == "1"
        commands.set_notices(tx, found, stopped=stopped, at_night=typed.get("night") == "1")

    return await _act(request, token, actor, store, "notices", Typed("notices"))


@router.post("/suivi/{token}/stop")
async def unsubscribe(request: Request, token: str, actor: Anyone) -> Response:
    """Stop the messages in one click of a mail program (RFC 8058)."""

    def store(tx: Tx) -> None:
        found = request_by_token(tx.session, token)
        commands.set_notices(tx, found, stopped=True, at_night=found.night_ok)

    return await _act(request, token, actor, store, "notices", Typed("notices"))


@router.get("/suivi/{token}/stop")
async def show_how_to_stop(token: str, _anyone: Anyone) -> RedirectResponse:
    """Lead to the button: a look at a link, which scanners take as well, changes nothing."""
    return RedirectResponse(f"/suivi/{token}#avis", 303)


@router.get("/suivi/{token}/photos/{attachment_id}")
def own_photo(
    request: Request, token: str, attachment_id: UUID, _anyone: Anyone, small: bool = True
) -> FileResponse:
    """Return a photo that the holder of the link added himself; all others look absent."""
    service = service_of(request)
    with service.store.read() as session:
        found = request_by_token(session, token)
        row = session.get(Attachment, attachment_id)
        if row is None or row.request_id != found.id:
            raise NotFound(what="attachment")
    return serve(service, row, small=small)


async def _act(
    request: Request,
    token: str,
    actor: Actor,
    store: Callable[[Tx], None],
    said: str,
    kept: Typed,
) -> Response:
    """Do what was asked and lead back to the page; on a refusal show it with what was typed."""
    service = service_of(request)
    try:
        await service.limits.take("follow", client_address(request), burst=20, per_s=0.5)
        await service.store.submit(store, actor)
    except NotFound:
        return render(request, "error.html", 404, kind="404", trace_id=None)
    except CpoError as refusal:
        fault = _fault(refusal)
        page = await run_in_threadpool(
            _page, request, token, replace(kept, fault=fault), refusal.status
        )
        if refusal.retryable:
            page.headers["Retry-After"] = str(refusal.params.get("retry_after", 5))
        return page
    return RedirectResponse(f"/suivi/{token}?fait={said}#actions", 303)


def _fault(refusal: CpoError) -> str:
    match refusal:
        case TooMany():
            return "many"
        case Conflict():
            return "late"
        case InvalidInput():
            return "enough"
        case _:
            return "again"


def _check(text: str, *, is_needed: bool) -> None:
    if len(text) > TEXT_AT_MOST:
        raise Refused("long")
    if is_needed and not text:
        raise Refused("nothing")
    try:
        clean_text(text)
    except ValueError:
        raise Refused("nothing") from None


def _page(request: Request, token: str, typed: Typed, status: int = 200) -> Response:
    service = service_of(request)
    locale = locale_of(request)
    words = Words(locale, ZoneInfo(service.settings.timezone), service.clocks.service.now())
    try:
        with service.store.read() as session:
            found = request_by_token(session, token)
            page = tracking(service, session, found, words)
    except NotFound:
        return render(request, "error.html", 404, kind="404", trace_id=None)
    said = request.query_params.get("fait", "")
    return render(
        request,
        "track.html",
        (status if status != 200 else 422) if typed.fault else 200,
        page=page,
        request=page.following,
        stages=stages_of(page.following.step, page.following.stamps),
        typed=typed,
        said=said if said in SAID else "",
        base=f"/suivi/{token}",
        qr=_qr(service, token),
        quiet=(service.settings.quiet_from_hour, service.settings.quiet_until_hour),
        form=_photo_form(typed),
    )


def _photo_form(typed: Typed) -> dict[str, Any]:
    return {"photos": typed.photos}


def _qr(service: Service, token: str) -> str:
    """Return the code of the page's address as the address of an image."""
    code = segno.make(f"{service.settings.origin}/suivi/{token}", error="m", micro=False)
    return str(code.svg_data_uri(scale=4, border=3, light="#fff", svgclass=None, lineclass=None))


def _id(value: object) -> UUID | None:
    try:
        return UUID(str(value)) if value else None
    except ValueError:
        return None
