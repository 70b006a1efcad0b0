"""Swaps in service: somebody asks, a lawful chain is chosen, the others agree, the manager decides.

The engine lists chains of two to four people that break no rule and treat nobody less fairly;
nothing changes in the rota before the approval, which judges the law again on the rota of that
moment.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from dispatcher.database import Tx
from dispatcher.errors import Conflict, InvalidInput, NotFound
from dispatcher.events.oncall_facts import SwapMoved
from dispatcher.models import OnCallDuty, OnCallPerson, Rota, Swap
from dispatcher.notifications import deliveries, subscriptions
from dispatcher.notifications.deliveries import Message
from dispatcher.oncall import snapshot as snapshots
from dispatcher.oncall.ladder import paging_policy
from dispatcher.oncall.snapshot import Horizon, duty_id, published_rota
from scheduling.rota.check import check
from scheduling.rota.counters import count
from scheduling.rota.problem import Assignment, Problem
from scheduling.rota.rules.calendar import weeks
from scheduling.rota.solution import Rota as EngineRota
from scheduling.rota.swaps import Ask, Chain, chains

PROPOSED, AGREED, APPROVED = "proposed", "agreed", "approved"
REFUSED, WITHDRAWN = "refused", "withdrawn"
LIVE = (PROPOSED, AGREED)
State = Literal["proposed", "agreed", "approved", "refused", "withdrawn"]
NOTICE = timedelta(days=16)
"""Fifteen clear days and the day of the turn itself."""
TRIES = 400
"""Chains given to the checker: the shortest come first, and a person waits for the list."""


@dataclass(frozen=True, slots=True)
class InForce:
    """A rota as the engine sees it, mostly the one in force, from the week running now on."""

    row: Rota
    problem: Problem
    rota: EngineRota
    duties: dict[tuple[str, str], OnCallDuty]

    def frozen(self, now: datetime) -> frozenset[str]:
        """Return the turns that have begun: they change hands no more."""
        return frozenset(d.id for d in self.problem.duties if d.start_at <= now)


def in_force(session: Session, org: str, now: datetime, zone: ZoneInfo) -> InForce:
    """Return the rota in force with its problem.

    Raises:
        NotFound: No rota is in force, or it is over.
    """
    row = published_rota(session, org)
    if row is None:
        raise NotFound(what="rota")
    return as_problem(session, row, now, zone)


def as_problem(session: Session, row: Rota, now: datetime, zone: ZoneInfo) -> InForce:
    """Return any rota with its problem, from the week running now on.

    Raises:
        NotFound: The rota is over.
    """
    org = row.org
    left = [w for w in weeks(row.starts_on, row.weeks, zone) if w.end_at > now]
    if not left:
        raise NotFound(what="rota")
    first = left[0].start_at.astimezone(zone).date()
    horizon = Horizon(first, len(left), zone.key)
    taken = snapshots.take(session, org, now, horizon)
    known = {week.iso for week in left}
    rows = session.exec(
        select(OnCallDuty).where(OnCallDuty.rota_id == row.id, col(OnCallDuty.week).in_(known))
    ).all()
    duties = {(duty_id(d.post, d.week), str(d.person_id)): d for d in rows}
    return InForce(row, taken.problem, EngineRota.of(duties), duties)


def propose(
    session: Session, org: str, duty: UUID, now: datetime, zone: ZoneInfo
) -> tuple[Chain, ...]:
    """Return the lawful, fair-neutral chains that free somebody of a turn, the simplest first.

    Raises:
        NotFound: No such turn in the rota in force.
        InvalidInput: The turn has begun.
    """
    now_in_force = in_force(session, org, now, zone)
    found = session.get(OnCallDuty, duty)
    if found is None or found.rota_id != now_in_force.row.id:
        raise NotFound(what="duty")
    if found.start_at <= now:
        raise InvalidInput("the turn has begun", field="duty_id")
    ask = Ask(
        str(found.person_id),
        duty_id(found.post, found.week),
        now_in_force.frozen(now),
        limit=5,
        tries=TRIES,
    )
    return chains(now_in_force.problem, now_in_force.rota, ask)


def ask_swap(tx: Tx, duty: UUID, handovers: Sequence[dict[str, str]], zone: ZoneInfo) -> Swap:
    """Ask the people of a chain; the asker has agreed by asking.

    Args:
        tx: The command's transaction.
        duty: The turn somebody wants to be free of.
        handovers: `duty_id` (engine name), `from_id`, `to_id`, in order.
        zone: Civil time.

    Raises:
        NotFound: No such turn in the rota in force.
        Conflict: The chain does not fit the rota any more, or breaks a rule.
    """
    found = tx.session.get(OnCallDuty, duty)
    now_in_force = in_force(tx.session, tx.org, tx.now, zone)
    if found is None or found.rota_id != now_in_force.row.id:
        raise NotFound(what="duty")
    _judge(now_in_force, handovers, tx.now)
    first = handovers[0]
    if first["from_id"] != str(found.person_id) or first["duty_id"] != _name(found):
        raise Conflict("the chain does not begin with this turn")
    made = Swap(
        id=tx.new_id(),
        org=tx.org,
        rota_id=now_in_force.row.id,
        duty_id=duty,
        asked_by=found.person_id,
        state=PROPOSED,
        handovers=[dict(one) for one in handovers],
        answers={str(found.person_id): True},
        created_at=tx.now,
    )
    tx.session.add(made)
    _moved(tx, made)
    for person_id in people_in(made):
        if person_id != found.person_id:
            _tell(tx, made, person_id)
    return made


def answer(tx: Tx, swap_id: UUID, person_id: UUID, zone: ZoneInfo, *, yes: bool) -> Swap:
    """Note what one of the people says; the last yes makes it wait for the manager, or applies it
    at once where the policy asks for no manager.

    Raises:
        NotFound: No such swap, or that person has no part in it.
        Conflict: It is decided already.
    """
    swap = _live(tx, swap_id)
    if person_id not in people_in(swap):
        raise NotFound(what="swap")
    swap.answers = {**swap.answers, str(person_id): yes}
    if not yes:
        withdrawn = person_id == swap.asked_by
        swap.state, swap.decided_at = WITHDRAWN if withdrawn else REFUSED, tx.now
    elif all(swap.answers.get(str(one)) for one in people_in(swap)):
        swap.state = AGREED
        if not needs_manager(tx, swap, zone):
            _apply(tx, swap, zone)
            swap.state, swap.decided_at, swap.decided_by = APPROVED, tx.now, "policy"
    _moved(tx, swap)
    if swap.state not in LIVE and person_id != swap.asked_by:
        _tell(tx, swap, swap.asked_by)
    return swap


def needs_manager(tx: Tx, swap: Swap, zone: ZoneInfo) -> bool:
    """Return whether a swap that everybody agreed to waits for the manager, as the policy says."""
    rule = paging_policy(tx.session, tx.org).swaps_validated
    if rule != "short_notice":
        return rule == "always"
    held = in_force(tx.session, tx.org, tx.now, zone).duties
    turns = [held.get((one["duty_id"], one["from_id"])) for one in swap.handovers]
    latest = tx.now + NOTICE
    # What fits the rota no more is for the manager too.
    return any(turn is None or turn.start_at < latest for turn in turns)


def decide(tx: Tx, swap_id: UUID, zone: ZoneInfo, *, approve: bool) -> Swap:
    """Approve a swap that everybody agreed to, or refuse any; approval changes the rota.

    Raises:
        NotFound: No such swap.
        Conflict: Somebody has not agreed, or the rota changed and the chain fits no more.
    """
    swap = _live(tx, swap_id)
    if approve and swap.state != AGREED:
        raise Conflict("not everybody has agreed", state=swap.state)
    if approve:
        _apply(tx, swap, zone)
    swap.state = APPROVED if approve else REFUSED
    swap.decided_at, swap.decided_by = tx.now, tx.actor.label
    _moved(tx, swap)
    for person_id in people_in(swap):
        _tell(tx, swap, person_id)
    return swap


def people_in(swap: Swap) -> tuple[UUID, ...]:
    """Return everybody who must agree, the asker first."""
    ids = [UUID(one[end]) for one in swap.handovers for end in ("from_id", "to_id")]
    return tuple(dict.fromkeys(ids))


def _apply(tx: Tx, swap: Swap, zone: ZoneInfo) -> None:
    now_in_force = in_force(tx.session, tx.org, tx.now, zone)
    if now_in_force.row.id != swap.rota_id:
        raise Conflict("another rota is in force")
    after = _judge(now_in_force, swap.handovers, tx.now)
    for one in swap.handovers:
        duty = now_in_force.duties[(one["duty_id"], one["from_id"])]
        # Wanted, not imposed: the notice that counts for pay stays that of the turn.
        duty.person_id = UUID(one["to_id"])
    now_in_force.row.counters = recounted(now_in_force, after)


def _judge(now_in_force: InForce, handovers: Sequence[dict[str, Any]], now: datetime) -> EngineRota:
    """Return the rota after a chain, or refuse it."""
    given = {Assignment(one["duty_id"], one["from_id"]) for one in handovers}
    taken = {Assignment(one["duty_id"], one["to_id"]) for one in handovers}
    held = now_in_force.rota.assignments
    frozen = now_in_force.frozen(now)
    if not given <= held or any(one["duty_id"] in frozen for one in handovers):
        raise Conflict("the rota changed: somebody holds one of these turns no more")
    after = EngineRota((held - given) | taken)
    before = set(check(now_in_force.problem, now_in_force.rota))
    faults = set(check(now_in_force.problem, after)) - before
    if faults:
        raise Conflict("the chain breaks a rule", rule=sorted(f.code for f in faults)[0])
    return after


def recounted(now_in_force: InForce, after: EngineRota) -> list[dict[str, Any]]:
    """Return the rota's counters moved by what changes hands."""
    before = {one.person_id: one for one in count(now_in_force.problem, now_in_force.rota)}
    moved = {one.person_id: one for one in count(now_in_force.problem, after)}
    counters = []
    for stored in now_in_force.row.counters:
        person = stored["person_id"]
        if person in before and person in moved:
            old, new = before[person], moved[person]
            changed = {
                name: stored[name] + getattr(new, name) - getattr(old, name)
                for name in ("weeks", "weekends", "nights", "holidays")
            }
            deviation = stored["deviation"] + (new.deviation - old.deviation) / 100
            stored = {**stored, **changed, "deviation": round(deviation, 2)}
        counters.append(stored)
    return counters


def _tell(tx: Tx, swap: Swap, person_id: UUID) -> None:
    person = tx.session.get_one(OnCallPerson, person_id)
    asker = tx.session.get_one(OnCallPerson, swap.asked_by)
    payload = {"asker": asker.name, "mine_id": str(person_id)}
    kind = "swap" if swap.state in LIVE else f"swap_{swap.state}"
    for channel in paging_policy(tx.session, tx.org).channels:
        event = f"swap:{swap.id}" + ("" if swap.state in LIVE else f":{swap.state}")
        if channel != "webhook":
            for target in subscriptions.targets(tx.session, person, channel):
                deliveries.enqueue(tx, Message(event, channel, target, kind, payload))


def _live(tx: Tx, swap_id: UUID) -> Swap:
    swap = tx.session.get(Swap, swap_id, with_for_update=True)
    if swap is None or swap.org != tx.org:
        raise NotFound(what="swap")
    if swap.state not in LIVE:
        raise Conflict("this swap is decided", state=swap.state)
    return swap


def _moved(tx: Tx, swap: Swap) -> None:
    tx.record(
        SwapMoved(
            swap_id=swap.id,
            rota_id=swap.rota_id,
            state=cast("State", swap.state),
            person_ids=list(people_in(swap)),
        )
    )


def _name(duty: OnCallDuty) -> str:
    return duty_id(duty.post, duty.week)


KEPT_SHOWN = timedelta(days=30)
"""How long decided swaps are still listed."""
