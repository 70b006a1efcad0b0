"""Signing in and out over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from dispatcher.actors import Actor, Role, citizen
from dispatcher.auth import access, commands, queries, sessions
from dispatcher.auth.context import Service, client_address, service_of
from dispatcher.auth.passwords import is_password
from dispatcher.auth.schemas import LoginIn, LoginOut, MeOut, OrgOut, TilesOut, UserOut
from dispatcher.errors import BadCredentials, NotSignedIn
from dispatcher.models import User

router = APIRouter(prefix="/auth", tags=["auth"])

HOMES = {Role.COUNCIL: "/politique", Role.CREW: "/equipe", Role.ONCALL_MANAGER: "/astreintes"}
QUARTER_HOUR_S = 900.0


@router.post("/login")
async def login(
    request: Request,
    response: Response,
    body: LoginIn,
    _anyone: Annotated[Actor, Depends(access.public)],
) -> LoginOut:
    """Sign in with a name and a password; the session comes as a cookie."""
    service = service_of(request)
    burst = service.settings.logins_per_quarter_hour
    address = client_address(request)
    await service.limits.take("login", address, burst=burst, per_s=burst / QUARTER_HOUR_S)
    await service.limits.take("login-name", body.username, burst=5, per_s=5 / QUARTER_HOUR_S)

    def look() -> User | None:
        with service.store.read() as session:
            return queries.user_by_name(session, body.username)

    user = await run_in_threadpool(look)
    nobody = citizen(service.settings.org)
    if not await is_password(user.password_hash if user else None, body.password) or user is None:
        await service.store.submit(lambda tx: commands.refuse_sign_in(tx, body.username), nobody)
        raise BadCredentials()
    await service.limits.refund("login", address)
    await service.limits.refund("login-name", body.username)
    user_id = user.id
    signed, token = await service.store.submit(
        lambda tx: commands.sign_in(tx, user_id, service.settings), sessions.actor_of(user)
    )
    response.set_cookie(
        sessions.cookie_name(service.settings),
        token,
        max_age=service.settings.session_hours * 3600,
        httponly=True,
        secure=service.settings.secure,
        samesite="lax",
        path="/",
    )
    home = HOMES.get(Role(signed.role), "/tableau")
    return LoginOut(user=UserOut.model_validate(signed), home=home)


@router.post("/logout", status_code=204)
async def logout(
    request: Request, response: Response, actor: Annotated[Actor, Depends(access.staff)]
) -> None:
    """Sign out: the session ends now, and so do its sockets, whichever process they are on."""
    service = service_of(request)
    token = request.cookies.get(sessions.cookie_name(service.settings), "")
    await service.store.submit(lambda tx: commands.sign_out(tx, token), actor)
    _forget_cookie(service, response)


@router.post("/logout-everywhere", status_code=204)
async def logout_everywhere(
    request: Request, response: Response, actor: Annotated[Actor, Depends(access.staff)]
) -> None:
    """End every session of whoever asks, this one included: for a lost phone or a shared desk."""
    service, user_id = service_of(request), actor.id
    if user_id is None:
        raise NotSignedIn()
    await service.store.submit(lambda tx: commands.sign_out_everywhere(tx, user_id), actor)
    _forget_cookie(service, response)


def _forget_cookie(service: Service, response: Response) -> None:
    name, secure = sessions.cookie_name(service.settings), service.settings.secure
    response.delete_cookie(name, path="/", secure=secure, httponly=True)


@router.get("/me")
def me(request: Request, actor: Annotated[Actor, Depends(access.staff)]) -> MeOut:
    """Say who is signed in."""
    service = service_of(request)
    with service.store.read() as session:
        user = queries.user_by_id(session, actor.id) if actor.id else None
    if user is None:
        raise NotSignedIn()
    settings = service.settings
    tiles = None
    if settings.map_tiles is not None:
        tiles = TilesOut(url=settings.map_tiles, credit=settings.map_tiles_credit)
    return MeOut(
        user=UserOut.model_validate(user),
        org=OrgOut(slug=settings.org, name=settings.org_name),
        demo=settings.mode == "demo",
        wall_at=service.clocks.wall.now(),
        storm_per_hour=settings.storm_per_hour,
        map_tiles=tiles,
    )
