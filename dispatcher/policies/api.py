"""The policy over HTTP: read it, try another one, adopt it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from dispatcher.actors import Actor
from dispatcher.auth import access
from dispatcher.auth.context import service_of
from dispatcher.database import Tx
from dispatcher.errors import InvalidInput
from dispatcher.i18n import Locale, pick
from dispatcher.incidents import scoring
from dispatcher.policies import commands, csv_file, history, queries, text
from dispatcher.policies.schemas import (
    AdoptIn,
    CheckOut,
    DraftOut,
    OverridesOut,
    PolicyInForce,
    ReplayIn,
    ReplayOut,
    TextIn,
    VersionOut,
)

router = APIRouter(prefix="/policy", tags=["policy"])


def _locale(request: Request) -> Locale:
    return pick(request.cookies.get("cpo_locale") or request.headers.get("accept-language"))


@router.get("")
def read_policy(request: Request, actor: Annotated[Actor, Depends(access.staff)]) -> PolicyInForce:
    """Read the policy in force: as data, and as text to start a draft from."""
    with service_of(request).store.read() as session:
        return queries.in_force(session, actor.org, _locale(request))


@router.get("/versions")
def list_versions(
    request: Request, actor: Annotated[Actor, Depends(access.staff)]
) -> list[VersionOut]:
    """List the policies adopted here, newest first; empty before the first adoption."""
    with service_of(request).store.read() as session:
        return queries.versions(session, actor.org)


@router.get("/overrides")
def read_overrides(
    request: Request, actor: Annotated[Actor, Depends(access.staff)]
) -> OverridesOut:
    """Count how often people changed the computed class, over all and by rule."""
    with service_of(request).store.read() as session:
        return queries.overrides(session, actor.org)


@router.get("/draft")
def read_draft(request: Request, actor: Annotated[Actor, Depends(access.staff)]) -> DraftOut:
    """Read the draft that colleagues share."""
    with service_of(request).store.read() as session:
        return queries.draft(session, actor.org)


@router.put("/draft")
async def save_draft(
    request: Request, body: TextIn, actor: Annotated[Actor, Depends(access.pilots)]
) -> DraftOut:
    """Keep a draft, with or without mistakes."""

    def save(tx: Tx) -> DraftOut:
        row = commands.save_draft(tx, body.text)
        return DraftOut(text=row.text, by=row.by, at=row.at)

    return await service_of(request).store.submit(save, actor)


@router.post("/check")
def check_policy(
    request: Request, body: TextIn, actor: Annotated[Actor, Depends(access.staff)]
) -> CheckOut:
    """Say what is wrong with a text by line, or what it would do to a few incidents."""
    service = service_of(request)
    with service.store.read() as session:
        return queries.check(session, actor.org, body.text, service.clocks.service.now())


@router.post("/replay")
def replay_policy(
    request: Request, body: ReplayIn, actor: Annotated[Actor, Depends(access.staff)]
) -> ReplayOut:
    """Say what a policy would have changed for all past incidents, or for those of a CSV file."""
    service = service_of(request)
    checked = text.check(body.text)
    if checked.policy is None:
        first = checked.problems[0]
        raise InvalidInput(first.message, field=first.path or "text", line=first.line)
    with service.store.read() as session:
        before = scoring.policy_in_force(session, actor.org)
        if body.csv is not None:
            known = queries.known(session, actor.org, before, checked.policy)
            found = csv_file.from_csv(body.csv, known)
        else:
            past = history.past_incidents(session, actor.org, service.clocks.service.now())
            found = csv_file.CsvPast(past, [], 0)
    return queries.try_on(found, before, checked.policy)


@router.post("/adopt")
async def adopt_policy(
    request: Request, body: AdoptIn, actor: Annotated[Actor, Depends(access.pilots)]
) -> VersionOut:
    """Put a policy in force; living incidents are scored again, those that are over keep theirs."""

    def adopt(tx: Tx) -> VersionOut:
        row = commands.adopt(tx, body.text, body.note, body.replaces)
        return VersionOut(
            name=str(row.body["name"]),
            version=row.version,
            state="in_force",
            note=row.note,
            by=row.by,
            at=row.at,
        )

    return await service_of(request).store.submit(adopt, actor)
