"""Signing in and out over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from dispatcher.actors import Actor, Role, citizen
from dispatcher.auth import access, commands, queries, sessions
from dispatcher.auth.context import client_address, service_of
from dispatcher.auth.passwords import is_password
from dispatcher.auth.schemas import LoginIn, LoginOut, MeOut, OrgOut, UserOut
from dispatcher.errors import BadCredentials, NotSignedIn
from dispatcher.models import User

router = APIRouter(prefix="/auth", tags=["auth"])

HOMES = {Role.CREW: "/equipe", Role.ONCALL_MANAGER: "/astreintes"}
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
    service.limits.take("login", address, burst=burst, per_s=burst / QUARTER_HOUR_S)
    service.limits.take("login-name", body.username, burst=5, per_s=5 / QUARTER_HOUR_S)

    def look() -> User | None:
        with service.store.read() as session:
            return queries.user_by_name(session, body.username)

    user = await run_in_threadpool(look)
    nobody = citizen(service.settings.org)
    if not await is_password(user.password_hash if user else None, body.password) or user is None:
        await service.store.submit(lambda tx: commands.refuse_sign_in(tx, body.username), nobody)
        raise BadCredentials()
    service.limits.refund("login", address)
    service.limits.refund("login-name", body.username)
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
    request: Request, response: Response, actor: Annotated[Actor, Depends(access.observers)]
) -> None:
    """Sign out: the session ends now, and so do its sockets."""
    service = service_of(request)
    name = sessions.cookie_name(service.settings)
    token = request.cookies.get(name, "")
    await service.store.submit(lambda tx: commands.sign_out(tx, token), actor)
    revoke = service.parts.get("revoke")
    if revoke is not None and actor.id is not None:
        revoke(sessions.public_name(actor, token))
    response.delete_cookie(name, path="/", secure=service.settings.secure, httponly=True)


@router.get("/me")
def me(request: Request, actor: Annotated[Actor, Depends(access.observers)]) -> MeOut:
    """Say who is signed in."""
    service = service_of(request)
    with service.store.read() as session:
        user = queries.user_by_id(session, actor.id) if actor.id else None
    if user is None:
        raise NotSignedIn()
    settings = service.settings
    return MeOut(
        user=UserOut.model_validate(user),
        org=OrgOut(slug=settings.org, name=settings.org_name),
        demo=settings.mode == "demo",
        wall_at=service.clocks.wall.now(),
    )
