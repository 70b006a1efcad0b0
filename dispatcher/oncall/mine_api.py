"""The agent's own page behind a secret link, complete without JavaScript: turns, swaps, wishes,
notes for the next turn.

Opening it changes nothing; only its buttons do, under the name of the person the link belongs to.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from dispatcher.actors import Actor, agent
from dispatcher.auth import access
from dispatcher.auth.context import Service, service_of
from dispatcher.database import Tx
from dispatcher.errors import CpoError, InvalidInput, NotFound
from dispatcher.models import OnCallPerson
from dispatcher.notifications import subscriptions
from dispatcher.notifications.push_api import public_key_of
from dispatcher.notifications.sending import MINE_LINK
from dispatcher.notifications.subscriptions import Owner, SubscriptionIn, list_of
from dispatcher.oncall import mine, personal, swapping, wishes
from dispatcher.oncall.handover import note_handover, read_handover
from dispatcher.oncall.pages import render
from dispatcher.oncall.schemas import HandoverIn
from dispatcher.oncall.wishes import WishIn

public_router = APIRouter(include_in_schema=False)

Anyone = Annotated[Actor, Depends(access.public)]
PATH = "/mes-astreintes/{token}"


@dataclass(frozen=True, slots=True)
class Mine:
    """Whose page it is, and what it needs."""

    service: Service
    person: OnCallPerson
    token: str

    @property
    def actor(self) -> Actor:
        """The author of what is done here."""
        return agent(self.person.org, self.person.id, self.person.name)

    @property
    def zone(self) -> ZoneInfo:
        """Civil time of the service."""
        return ZoneInfo(self.service.settings.timezone)

    @property
    def today(self) -> date:
        """The civil day of the service."""
        return self.service.clocks.service.now().astimezone(self.zone).date()

    async def do(self, command: Callable[[Tx], object]) -> None:
        """Have something done in this person's name."""
        await self.service.store.submit(command, self.actor, deadline_s=30)


def page_of(request: Request, actor: Actor, token: str) -> Mine:
    """Return whose page a token opens.

    Raises:
        NotFound: Nobody's.
    """
    service = service_of(request)
    with service.store.read() as session:
        person = personal.person_behind(session, actor.org, service.secret, MINE_LINK, token)
    return Mine(service, person, token)


@public_router.get(PATH)
def show_mine(request: Request, token: str, actor: Anyone) -> HTMLResponse:
    """Show somebody's own turns, wishes, notes, and the swaps that wait for his answer."""
    try:
        own = page_of(request, actor, token)
    except NotFound:
        return _lost(request)
    return _shown(request, own)


@public_router.post(f"{PATH}/souhaits")
async def wish_mine(request: Request, token: str, actor: Anyone) -> Response:
    """Note a wish for the next rotas; the last day given is included."""
    typed = await _typed(request)

    async def act(own: Mine) -> None:
        try:
            last = date.fromisoformat(typed.get("last") or typed.get("start", ""))
            wanted = WishIn.model_validate(
                {
                    "start": typed.get("start", ""),
                    "end": last + timedelta(days=1),
                    "wants_duty": typed.get("kind") == "duty",
                    "weight": typed.get("weight") or 5,
                }
            )
        except (ValueError, ValidationError, OverflowError):
            raise InvalidInput("a date is missing", field="start") from None
        await own.do(lambda tx: wishes.make_wish(tx, own.person.id, wanted, own.today).id)

    return await _acted(request, (token, actor), act, typed)


@public_router.post(f"{PATH}/souhaits/{{wish_id}}/retirer")
async def unwish_mine(request: Request, token: str, wish_id: UUID, actor: Anyone) -> Response:
    """Take a wish back."""

    async def act(own: Mine) -> None:
        await own.do(lambda tx: wishes.drop_wish(tx, wish_id, own.person.id))

    return await _acted(request, (token, actor), act, {})


@public_router.post(f"{PATH}/consignes")
async def note_mine(request: Request, token: str, actor: Anyone) -> Response:
    """Leave a note for whoever takes over."""
    typed = await _typed(request)

    async def act(own: Mine) -> None:
        try:
            body = HandoverIn(text=typed.get("text", ""), post=typed.get("post") or None)
        except ValidationError:
            raise InvalidInput("the note is empty or too long", field="text") from None
        await own.do(lambda tx: note_handover(tx, body.text, body.post).id)

    return await _acted(request, (token, actor), act, typed)


@public_router.post(f"{PATH}/consignes/{{note_id}}/lu")
async def read_note_mine(request: Request, token: str, note_id: UUID, actor: Anyone) -> Response:
    """Note that the note of the turn before was read."""

    async def act(own: Mine) -> None:
        await own.do(lambda tx: read_handover(tx, note_id).id)

    return await _acted(request, (token, actor), act, {})


@public_router.post(f"{PATH}/push", status_code=204)
def push_mine(request: Request, token: str, body: SubscriptionIn, actor: Anyone) -> None:
    """Have this browser take messages for the person of the link."""
    own = page_of(request, actor, token)
    command = partial(
        subscriptions.subscribe,
        owner=Owner(person_id=own.person.id),
        wanted=body,
        plain=own.service.settings.push_private,
    )
    own.service.store.submit_wait(lambda tx: command(tx).id, own.actor)


@public_router.post(f"{PATH}/push/{{subscription_id}}/retirer")
async def unpush_mine(
    request: Request, token: str, subscription_id: UUID, actor: Anyone
) -> Response:
    """Have a browser take no more messages."""

    async def act(own: Mine) -> None:
        owner = Owner(person_id=own.person.id)
        await own.do(lambda tx: subscriptions.unsubscribe(tx, owner, subscription_id))

    return await _acted(request, (token, actor), act, {})


@public_router.get(f"{PATH}/echange/{{duty_id}}")
def offer_swaps(request: Request, token: str, duty_id: UUID, actor: Anyone) -> HTMLResponse:
    """Show the lawful, fair-neutral exchanges that free somebody of one of his turns."""
    try:
        own = page_of(request, actor, token)
        return _offered(request, own, duty_id)
    except NotFound:
        return _lost(request)
    except CpoError as refusal:
        return _shown(request, own, refusal=refusal)


@public_router.post(f"{PATH}/echange/{{duty_id}}")
async def ask_mine(request: Request, token: str, duty_id: UUID, actor: Anyone) -> Response:
    """Ask the people of one of the exchanges shown."""
    typed = await _typed(request)

    async def act(own: Mine) -> None:
        chosen = await run_in_threadpool(_chosen, own, duty_id, typed.get("chain", ""))
        await own.do(lambda tx: swapping.ask_swap(tx, duty_id, chosen, own.zone).id)

    return await _acted(request, (token, actor), act, {})


@public_router.post(f"{PATH}/{{swap_id}}/{{said}}")
async def answer_mine(
    request: Request, token: str, swap_id: UUID, said: str, actor: Anyone
) -> Response:
    """Take somebody's own answer, then show his page again."""

    async def act(own: Mine) -> None:
        if said not in {"oui", "non"}:
            raise NotFound()
        answered, yes = own.person.id, said == "oui"
        await own.do(lambda tx: swapping.answer(tx, swap_id, answered, own.zone, yes=yes).id)

    return await _acted(request, (token, actor), act, {})


async def _acted(
    request: Request,
    who: tuple[str, Actor],
    act: Callable[[Mine], Any],
    typed: dict[str, str],
) -> Response:
    """Do something in the name of the link's person, then show his page again.

    What is refused is said on the page, with everything that was typed.
    """
    token, actor = who
    try:
        own = await run_in_threadpool(page_of, request, actor, token)
        await act(own)
    except NotFound:
        return _lost(request)
    except CpoError as refusal:
        return await run_in_threadpool(_shown, request, own, refusal=refusal, typed=typed)
    return RedirectResponse(f"/mes-astreintes/{token}", 303)


async def _typed(request: Request) -> dict[str, str]:
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str)}


def _shown(
    request: Request,
    own: Mine,
    refusal: CpoError | None = None,
    typed: dict[str, str] | None = None,
) -> HTMLResponse:
    origin, secret = own.service.settings.origin, own.service.secret
    with own.service.store.read() as session:
        person = session.get_one(OnCallPerson, own.person.id)
        context = mine.everything(session, person, own.service.clocks.service.now(), own.zone)
        owner = Owner(person_id=person.id)
        devices = [(one.id, one.device) for one in list_of(session, person.org, owner)]
    return render(
        request,
        "mine.html",
        refusal.status if refusal else 200,
        base=f"/mes-astreintes/{own.token}",
        feed=personal.calendar_address(origin, secret, person),
        refusal=refusal.code if refusal else None,
        why=_why(refusal),
        typed=typed or {},
        today=own.today,
        push_key=public_key_of(request),
        devices=devices,
        **context,
    )


def _why(refusal: CpoError | None) -> str:
    """Return which sentence tells why something was refused."""
    if refusal is None:
        return ""
    field = str(refusal.params.get("field") or "")
    return field if field in {"start", "end", "text", "post", "duty_id"} else "moved"


def _offered(request: Request, own: Mine, duty_id: UUID) -> HTMLResponse:
    with own.service.store.read() as session:
        context = mine.offers(
            session, own.person, duty_id, own.service.clocks.service.now(), own.zone
        )
    return render(request, "swap.html", base=f"/mes-astreintes/{own.token}", **context)


def _chosen(own: Mine, duty_id: UUID, wanted: str) -> list[dict[str, str]]:
    """Return the handovers of the exchange that was shown under a key, found anew."""
    with own.service.store.read() as session:
        found = mine.chains_of(
            session, own.person, duty_id, own.service.clocks.service.now(), own.zone
        )
    for chain in found:
        if mine.key_of(chain) == wanted:
            return [
                {"duty_id": one.duty_id, "from_id": one.from_id, "to_id": one.to_id}
                for one in chain.handovers
            ]
    raise InvalidInput("this exchange is not possible any more", field="duty_id")


def _lost(request: Request) -> HTMLResponse:
    return render(request, "error.html", 404, kind="404", trace_id=None)
