"""What can have happened to the plan itself and to how it is made."""

from typing import Literal

from dispatcher.events.base import DomainEvent


class PlanChanged(DomainEvent):
    """The plan in force has a new version."""

    type: Literal["plan.changed"] = "plan.changed"
    version: int
    cause: Literal["offer", "proposal", "manual", "automatic", "undo"]


class PlanDegraded(DomainEvent):
    """The optimiser stopped helping (with a reason), or helps again (None)."""

    type: Literal["plan.degraded"] = "plan.degraded"
    reason: str | None


class PlanningTuned(DomainEvent):
    """A person set how far the optimiser may go by itself; with what was set before."""

    type: Literal["planning.tuned"] = "planning.tuned"
    auto_classes: list[str]
    auto_sectors: list[str]
    churn_max: int | None
    freeze_minutes: int | None
    classes_before: list[str]
    sectors_before: list[str]
    churn_before: int | None
    freeze_before: int | None
    learned_durations: bool = True
    learned_before: bool = True
    slack_minutes: int | None = None
    slack_before: int | None = None
