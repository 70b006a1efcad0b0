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
from dispatcher.errors import InvalidInput
from dispatcher.events.oncall_facts import PagingPolicyChanged, PolicyChange
from dispatcher.kept import Decided, decide, decided
from dispatcher.models import Category, Commune, Council, Crew, Depot, Incident
from dispatcher.oncall.quiet import Silence
from dispatcher.oncall.snapshot import posts_of
from priority.duplicates import distance_m
from scheduling.rota.call_out_pay import PayMode

SUBJECT = "paging"
PageChannel = Literal["sms", "email", "push", "webhook"]
Class = Literal["P1", "P2", "P3", "P4"]
Minutes = Annotated[int, Field(ge=1, le=240)]
Tries = Annotated[int, Field(ge=1, le=5)]
Name = Annotated[str, Field(min_length=1, max_length=80)]


class OwnHours(BaseModel):
    """Quiet hours and repeats that differ from the authority's; None leaves the authority's.

    Attributes:
        quiet_from, quiet_until: Local quiet hours, given together; equal ones mean never quiet.
        tries: Calls within the time of a rung.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    quiet_from: time | None = None
    quiet_until: time | None = None
    tries: Tries | None = None

    @model_validator(mode="after")
    def _hours_are_whole(self) -> Self:
        if (self.quiet_from is None) != (self.quiet_until is None):
            raise ValueError("quiet hours need a beginning and an end")
        _refuse_offsets(self.quiet_from, self.quiet_until)
        return self

    @property
    def silence(self) -> Silence | None:
        """Its own quiet hours, if it has any."""
        if self.quiet_from is None or self.quiet_until is None:
            return None
        return Silence(self.quiet_from, self.quiet_until)


class PostRule(OwnHours):
    """Where a post stands in the ladder, instead of what the reference data say.

    Attributes:
        code: The post.
        rung: 1 is called first.
        sectors, services: What it answers for; empty means all.
        wait_min: Minutes its holders have to answer; None leaves the rung's own.
        quiet_classes: Classes for which this post waits for the end of the quiet hours; None
            leaves the authority's, an empty list means that it is never quiet.
    """

    code: Name
    rung: int = Field(1, ge=1, le=9)
    sectors: tuple[Name, ...] = Field((), max_length=50)
    services: tuple[Name, ...] = Field((), max_length=50)
    wait_min: Minutes | None = None
    quiet_classes: tuple[Class, ...] | None = None


class ClassRule(OwnHours):
    """How a class differs from the others; a post's own hours and repeats go before these.

    Attributes:
        name: The class.
        again_min: Minutes after which an unanswered ladder begins anew.
    """

    name: Class
    again_min: Minutes | None = None


class PagingPolicy(Decided):
    """When and how people on call are paged.

    Attributes:
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
        swaps_validated: Whether a swap that everybody agreed to waits for the manager: always,
            only when a turn of it begins within fifteen days, or never. The law is judged anyway.
        posts: Posts whose place, hours or repeats were changed here; the others are as imported.
        class_rules: Classes with quiet hours or repeats of their own.
    """

    classes: tuple[Class, ...] = ("P1", "P2")
    always: tuple[Class, ...] = ()
    quiet_classes: tuple[Class, ...] = ("P2", "P3", "P4")
    quiet_from: time = time(22)
    quiet_until: time = time(6)
    wait_min: Annotated[tuple[Minutes, ...], Field(min_length=1, max_length=9)] = (6, 10, 10)
    tries: Tries = 2
    again_min: Minutes = 15
    channels: Annotated[tuple[PageChannel, ...], Field(min_length=1)] = ("sms", "email", "push")
    rest_h: int = Field(11, ge=7, le=24)
    taken_rest_counts: bool = True
    crew_waits: bool = True
    call_out_pay: PayMode = PayMode.FIXED
    swaps_validated: Literal["always", "short_notice", "never"] = "always"
    posts: tuple[PostRule, ...] = Field((), max_length=100)
    class_rules: tuple[ClassRule, ...] = Field((), max_length=4)

    @model_validator(mode="after")
    def _hours_are_local(self) -> Self:
        _refuse_offsets(self.quiet_from, self.quiet_until)
        return self

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        posts = [rule.code for rule in self.posts]
        classes = [rule.name for rule in self.class_rules]
        if len(posts) != len(set(posts)) or len(classes) != len(set(classes)):
            raise ValueError("a post or class is named twice")
        return self

    def pages(self, priority: str, *, is_open: bool) -> bool:
        """Return whether a class calls somebody now."""
        return priority in self.always or (priority in self.classes and not is_open)

    def may_call_at(self, post: str, priority: str, at: datetime, zone: ZoneInfo) -> datetime:
        """Return when a post may be called for a class: at once, or when its quiet hours end.

        What the post says goes before what the class says, and that before the authority's rule.
        """
        own, common = self._post(post), self._class(priority)
        quiet = own.quiet_classes if own is not None else None
        if priority not in (self.quiet_classes if quiet is None else quiet):
            return at
        hours = (own and own.silence) or (common and common.silence)
        return (hours or Silence(self.quiet_from, self.quiet_until)).over_at(at, zone)

    def due_at(
        self, ladder: Sequence[Sequence[str]], priority: str, at: datetime, zone: ZoneInfo
    ) -> datetime:
        """Return when the first call goes out: when the first post of the ladder may be called."""
        posts = {post for rung in ladder for post in rung}
        return min((self.may_call_at(post, priority, at, zone) for post in posts), default=at)

    def tries_of(self, posts: Sequence[str], priority: str) -> int:
        """Return how often a rung is called within its time: as often as its most insistent post.

        >>> policy = PagingPolicy(posts=(PostRule(code="chief", tries=3),))
        >>> policy.tries_of(["chief"], "P1"), policy.tries_of(["agent"], "P1")
        (3, 2)
        """
        common = self._class(priority)
        usual = (common.tries if common is not None else None) or self.tries
        found = [self._post(post) for post in posts]
        return max(((own and own.tries) or usual for own in found), default=usual)

    def again_after(self, priority: str) -> timedelta:
        """Return how long an unanswered ladder of a class rests before it begins anew."""
        common = self._class(priority)
        own = common.again_min if common is not None else None
        return timedelta(minutes=own or self.again_min)

    def _post(self, code: str) -> PostRule | None:
        return next((rule for rule in self.posts if rule.code == code), None)

    def _class(self, name: str) -> ClassRule | None:
        return next((rule for rule in self.class_rules if rule.name == name), None)

    def wait(self, rung: int, posts: Sequence[str] = ()) -> timedelta:
        """Return how long a rung (from 1) has to answer, when these posts of it are called."""
        own = [r.wait_min for r in self.posts if r.code in posts and r.wait_min is not None]
        usual = self.wait_min[min(rung, len(self.wait_min)) - 1]
        return timedelta(minutes=max(own, default=usual))


def _refuse_offsets(*hours: time | None) -> None:
    if any(hour is not None and hour.tzinfo is not None for hour in hours):
        raise ValueError("quiet hours are local times without an offset")


def paging_policy(session: Session, org: str) -> PagingPolicy:
    """Return the policy in force; the default one until somebody changes it."""
    return decided(session, SUBJECT, org, PagingPolicy)


def change_policy(tx: Tx, wanted: PagingPolicy) -> PagingPolicy:
    """Put a policy in force; `wanted.version` names the one it was made from.

    The log keeps each field that changed with both values, so that the past can be told.

    Raises:
        StaleVersion: Somebody changed it meanwhile.
        InvalidInput: A post, sector or service that does not exist here.
    """
    present = paging_policy(tx.session, tx.org)
    made, changed = decide(tx, SUBJECT, wanted)
    _check_names(tx.session, tx.org, wanted)
    tx.record(PagingPolicyChanged(version=made.version, changes=_changes(present, made, changed)))
    return made


def _changes(
    before: PagingPolicy, after: PagingPolicy, changed: Sequence[str]
) -> list[PolicyChange]:
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    return [
        PolicyChange(field=name, before=old[name], after=new[name])
        for name in changed
        if name != "version"
    ]


def _check_names(session: Session, org: str, policy: PagingPolicy) -> None:
    codes = {post.code for post in posts_of(session, org)}
    sectors, services = set(sectors_of(session, org)), set(services_of(session, org))
    for rule in policy.posts:
        for name, known in ((rule.code, codes), *((s, sectors) for s in rule.sectors)):
            if name not in known:
                raise InvalidInput(f"unknown post or sector: {name}", field="posts")
        if unknown := set(rule.services) - services:
            raise InvalidInput(f"unknown service: {min(unknown)}", field="posts")


def sectors_of(session: Session, org: str) -> list[str]:
    """Return the names of the sectors that a post may answer for, in alphabetical order."""
    named = session.exec(select(Depot.sector).where(Depot.org == org)).all()
    crews = session.exec(select(Crew.sector).where(Crew.org == org)).all()
    posts = [one for post in posts_of(session, org) for one in post.sectors]
    return sorted({*named, *crews, *posts})


def services_of(session: Session, org: str) -> list[str]:
    """Return the services whose incidents a post may answer for, in alphabetical order."""
    named = session.exec(select(Category.service).where(Category.org == org)).all()
    return sorted({*named, *(s for post in posts_of(session, org) for s in post.services)})


def steps_of(session: Session, org: str, policy: PagingPolicy) -> list[PostRule]:
    """Return the place of every post in the ladder, as the policy or the reference data say."""
    changed = {rule.code: rule for rule in policy.posts}
    return [
        changed.get(post.code)
        or PostRule(
            code=post.code,
            rung=post.rung,
            sectors=tuple(post.sectors),
            services=tuple(post.services),
        )
        for post in posts_of(session, org)
    ]


def ladder_for(session: Session, incident: Incident) -> list[list[str]]:
    """Return the rungs of posts to call for an incident, first called first.

    A post is called when it answers for the incident's sector and service. On each rung a post
    named for the service leaves the general ones alone: snow calls the winter team. A rung
    without any post for this sector falls back to all its general posts: somebody must answer.
    """
    sector = sector_of(session, incident)
    rungs: dict[int, list[PostRule]] = {}
    for post in steps_of(session, incident.org, paging_policy(session, incident.org)):
        if not post.services or incident.service in post.services:
            rungs.setdefault(post.rung, []).append(post)
    return [_called(rungs[rung], sector) for rung in sorted(rungs)]


def _called(posts: Sequence[PostRule], sector: str | None) -> list[str]:
    near = [p for p in posts if not p.sectors or sector in p.sectors] or list(posts)
    named = [p for p in near if p.services]
    return [post.code for post in named or near]


def sector_of(session: Session, incident: Incident) -> str | None:
    """Return the sector that answers for an incident; None for one without a place.

    It is the sector of the council (EPCI) of its commune, as the reference data say. Where no
    sector is given to that council, and where the commune is unknown, the nearest depot decides.
    """
    if incident.insee is not None:
        found = session.exec(
            select(Council.sector)
            .join(Commune, col(Commune.council_code) == Council.code)
            .where(Council.org == incident.org, Commune.insee == incident.insee)
        ).first()
        if found is not None:
            return found
    if incident.lat is None or incident.lon is None:
        return None
    place = (incident.lat, incident.lon)
    depots = session.exec(
        select(Depot).where(Depot.org == incident.org).order_by(col(Depot.code))
    ).all()
    nearest = min(depots, key=lambda d: distance_m(place, (d.lat, d.lon)), default=None)
    return nearest.sector if nearest is not None else None
