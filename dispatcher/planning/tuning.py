"""How far the optimiser may go by itself: what applies without asking, how much may move, and
what stands still. Set by people, kept on the plan's row, recorded in the log.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session, select

from dispatcher.auth.context import Service
from dispatcher.database import Tx
from dispatcher.errors import Conflict, InvalidInput
from dispatcher.events.planning_facts import PlanningTuned
from dispatcher.models import Crew, Plan
from dispatcher.models.base import touch
from dispatcher.planning.images import plan_image
from dispatcher.planning.tuning_schemas import TuningIn, TuningOut
from dispatcher.planning.visits import plan_in_force
from dispatcher.settings import Settings
from scheduling.dispatch.problem import Problem
from scheduling.dispatch.slack import SLACK_S, with_slack


@dataclass(frozen=True, slots=True)
class Tuning:
    """What people have set.

    Attributes:
        classes: Priorities whose visits may be moved without asking; empty: none.
        sectors: Sectors, by name, whose crews may be changed without asking; empty: none.
        churn_max: Planned visits that one proposal may send to another crew; None: any number.
        freeze: Stops starting within this time do not move.
        learned_durations: Whether plans count with learned times on site.
        slack: How early the planner wants crews home while a whole day lies ahead.
    """

    classes: frozenset[str]
    sectors: frozenset[str]
    churn_max: int | None
    freeze: timedelta
    learned_durations: bool = True
    slack: timedelta = timedelta(seconds=SLACK_S)

    @property
    def is_automatic(self) -> bool:
        """Whether anything may apply without asking: a class and a sector have both opted in."""
        return bool(self.classes and self.sectors)


def tuning_of(session: Session, org: str, settings: Settings) -> Tuning:
    """Return what is set for an authority; the service's own settings where nothing is."""
    plan = session.exec(select(Plan).where(Plan.org == org)).first()
    minutes = settings.freeze_minutes
    if plan is not None and plan.freeze_minutes is not None:
        minutes = plan.freeze_minutes
    return Tuning(
        classes=frozenset(plan.auto_classes or () if plan else ()),
        sectors=frozenset(plan.auto_sectors or () if plan else ()),
        churn_max=plan.churn_max if plan else None,
        freeze=timedelta(minutes=minutes),
        learned_durations=plan is None or plan.learned_durations is not False,
        slack=_slack_of(plan),
    )


def _slack_of(plan: Plan | None) -> timedelta:
    if plan is None or plan.slack_minutes is None:
        return timedelta(seconds=SLACK_S)
    return timedelta(minutes=plan.slack_minutes)


def early_home(problem: Problem, tuning: Tuning) -> Problem:
    """Return the problem as the planner weighs it: with time to spare for what may still come."""
    return with_slack(problem, round(tuning.slack.total_seconds()))


def freeze_of(session: Session, org: str, service: Service) -> timedelta:
    """Return within which time stops do not move any more."""
    return tuning_of(session, org, service.settings).freeze


def tuning_out(session: Session, org: str, settings: Settings) -> TuningOut:
    """Return what is set, and what can be set, for the wire."""
    plan = session.exec(select(Plan).where(Plan.org == org)).first()
    found = tuning_of(session, org, settings)
    return TuningOut(
        auto_classes=sorted(found.classes),
        auto_sectors=sorted(found.sectors),
        churn_max=found.churn_max,
        freeze_minutes=round(found.freeze / timedelta(minutes=1)),
        learned_durations=found.learned_durations,
        slack_minutes=round(found.slack / timedelta(minutes=1)),
        sectors=sectors_of(session, org),
        tuned_at=plan.tuned_at if plan else None,
        tuned_by=plan.tuned_by if plan else None,
    )


def sectors_of(session: Session, org: str) -> list[str]:
    """Return the names of the sectors that have crews."""
    return sorted(session.exec(select(Crew.sector).where(Crew.org == org).distinct()).all())


def tune(tx: Tx, wanted: TuningIn) -> None:
    """Set how far the optimiser may go; the log keeps who did, and what was set before.

    Raises:
        Conflict: Somebody else set it since it was read.
        InvalidInput: There is no such sector.
    """
    plan = plan_in_force(tx)
    if plan.tuned_at != wanted.replaces:
        raise Conflict("somebody else has just set this", by=plan.tuned_by)
    unknown = set(wanted.auto_sectors) - set(sectors_of(tx.session, tx.org))
    if unknown:
        raise InvalidInput("there is no such sector", field="auto_sectors", value=min(unknown))
    was_learned = plan.learned_durations is not False
    is_learned = was_learned if wanted.learned_durations is None else wanted.learned_durations
    fact = PlanningTuned(
        auto_classes=sorted(set(wanted.auto_classes)),
        auto_sectors=sorted(set(wanted.auto_sectors)),
        churn_max=wanted.churn_max,
        freeze_minutes=wanted.freeze_minutes,
        classes_before=plan.auto_classes or [],
        sectors_before=plan.auto_sectors or [],
        churn_before=plan.churn_max,
        freeze_before=plan.freeze_minutes,
        learned_durations=is_learned,
        learned_before=was_learned,
        slack_minutes=plan.slack_minutes if wanted.slack_minutes is None else wanted.slack_minutes,
        slack_before=plan.slack_minutes,
    )
    plan.auto_classes, plan.auto_sectors = fact.auto_classes, fact.auto_sectors
    plan.churn_max, plan.freeze_minutes = fact.churn_max, fact.freeze_minutes
    plan.learned_durations, plan.slack_minutes = fact.learned_durations, fact.slack_minutes
    plan.tuned_at, plan.tuned_by = tx.now, tx.actor.name or tx.actor.label
    touch(plan, tx.now)
    tx.record(fact, plan_image(plan))
