"""Who must be paged for what, in which order, and how long each is given to answer.

The policy is data of the authority, kept in the database and changed by whoever builds rotas; it
knows classes, hours and rungs, never people.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlmodel import Session, col, select

from dispatcher.database import Tx
from dispatcher.errors import StaleVersion
from dispatcher.events.oncall_facts import PagingPolicyChanged
from dispatcher.models import Depot, Incident, KeptState, OnCallPost
from dispatcher.oncall.snapshot import posts_of
from priority.duplicates import distance_m
from scheduling.rota.call_out_pay import PayMode

PageChannel = Literal["sms", "email", "webhook"]
Class = Literal["P1", "P2", "P3", "P4"]
Minutes = Annotated[int, Field(ge=1, le=240)]


class PagingPolicy(BaseModel):
    """When and how people on call are paged.

    Attributes:
        version: Rises with every change.
        classes: Classes that page while the service is closed.
        always: Classes that page during service hours too.
        quiet_classes: Classes that wait for the end of the quiet hours.
        quiet_from, quiet_until: Quiet hours, local; may pass midnight.
        wait_min: Minutes each rung has to answer; the last value serves the rungs beyond.
        tries: Calls to one rung within its time, evenly spread.
        again_min: Minutes after which an unanswered ladder begins anew.
        channels: How people are called; each needs an address and an adapter.
        rest_h: Hours of rest after work: 11 by ordinary law (décret n° 2000-815, art. 3), 9 for
            road surveillance (décret n° 2002-259, art. 2).
        taken_rest_counts: A call-out that begins after a whole rest asks for no new one. Sources
            differ: CDG 61 (question 35) says so; when false every call-out asks for a whole rest.
        call_out_pay: How call-outs are rewarded, as the deliberation says: euros by the hour for
            agents without overtime pay, hours for payroll, or rest.
        crew_waits: A crew starts when all its people have rested; when false, when one has.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: int = Field(1, ge=1)
    classes: tuple[Class, ...] = ("P1", "P2")
    always: tuple[Class, ...] = ()
    quiet_classes: tuple[Class, ...] = ("P2", "P3", "P4")
    quiet_from: time = time(22)
    quiet_until: time = time(6)
    wait_min: Annotated[tuple[Minutes, ...], Field(min_length=1, max_length=9)] = (6, 10, 10)
    tries: int = Field(2, ge=1, le=5)
    again_min: Minutes = 15
    channels: Annotated[tuple[PageChannel, ...], Field(min_length=1)] = ("sms", "email")
    rest_h: int = Field(11, ge=7, le=24)
    taken_rest_counts: bool = True
    crew_waits: bool = True
    call_out_pay: PayMode = PayMode.FIXED

    @model_validator(mode="after")
    def _hours_are_local(self) -> Self:
        if self.quiet_from.tzinfo is not None or self.quiet_until.tzinfo is not None:
            raise ValueError("quiet hours are local times without an offset")
        return self

    def pages(self, priority: str, *, is_open: bool) -> bool:
        """Return whether a class calls somebody now."""
        return priority in self.always or (priority in self.classes and not is_open)

    def due_at(self, priority: str, at: datetime, zone: ZoneInfo) -> datetime:
        """Return when the first call goes out: at once, or when quiet hours end."""
        if priority not in self.quiet_classes:
            return at
        local = at.astimezone(zone)
        clock = local.timetz().replace(tzinfo=None)
        starts, ends = self.quiet_from, self.quiet_until
        passes_midnight = ends <= starts
        is_quiet = (clock >= starts or clock < ends) if passes_midnight else starts <= clock < ends
        if starts == ends or not is_quiet:
            return at
        later = local.date() + timedelta(days=int(passes_midnight and clock >= starts))
        return datetime.combine(later, ends, zone)

    def wait(self, rung: int) -> timedelta:
        """Return how long a rung (from 1) has to answer."""
        return timedelta(minutes=self.wait_min[min(rung, len(self.wait_min)) - 1])


def policy_key(org: str) -> str:
    """Return the key under which an authority's paging policy is kept."""
    return f"paging:{org}"


def paging_policy(session: Session, org: str) -> PagingPolicy:
    """Return the policy in force; the default one until somebody changes it."""
    kept = session.get(KeptState, policy_key(org))
    return PagingPolicy.model_validate(kept.state) if kept is not None else PagingPolicy()


def change_policy(tx: Tx, wanted: PagingPolicy) -> PagingPolicy:
    """Put a policy in force; `wanted.version` names the one it was made from.

    Raises:
        StaleVersion: Somebody changed it meanwhile.
    """
    present = paging_policy(tx.session, tx.org)
    if wanted.version != present.version:
        raise StaleVersion(version=present.version)
    made = wanted.model_copy(update={"version": present.version + 1})
    state = made.model_dump(mode="json")
    kept = tx.session.get(KeptState, policy_key(tx.org), with_for_update=True)
    if kept is None:
        tx.session.add(KeptState(key=policy_key(tx.org), org=tx.org, ver=1, state=state))
    else:
        kept.ver, kept.state = kept.ver + 1, state
    tx.record(PagingPolicyChanged(version=made.version))
    return made


def ladder_for(session: Session, incident: Incident) -> list[list[str]]:
    """Return the rungs of posts to call for an incident, first called first.

    A post is called when it answers for the incident's sector and service. On each rung a post
    named for the service leaves the general ones alone: snow calls the winter team. A rung
    without any post for this sector falls back to all its general posts: somebody must answer.
    """
    sector = sector_of(session, incident)
    rungs: dict[int, list[OnCallPost]] = {}
    for post in posts_of(session, incident.org):
        if not post.services or incident.service in post.services:
            rungs.setdefault(post.rung, []).append(post)
    return [_called(rungs[rung], sector) for rung in sorted(rungs)]


def _called(posts: Sequence[OnCallPost], sector: str | None) -> list[str]:
    near = [p for p in posts if not p.sectors or sector in p.sectors] or list(posts)
    named = [p for p in near if p.services]
    return [post.code for post in named or near]


def sector_of(session: Session, incident: Incident) -> str | None:
    """Return the sector of the nearest depot; None for an incident without a place."""
    if incident.lat is None or incident.lon is None:
        return None
    place = (incident.lat, incident.lon)
    depots = session.exec(
        select(Depot).where(Depot.org == incident.org).order_by(col(Depot.code))
    ).all()
    nearest = min(depots, key=lambda d: distance_m(place, (d.lat, d.lon)), default=None)
    return nearest.sector if nearest is not None else None
