"""How long experts have to answer and how lone workers are watched: data of the authority."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field
from sqlmodel import Session

from dispatcher.database import Tx
from dispatcher.events.field_facts import FieldPolicyChanged
from dispatcher.events.statuses import Priority
from dispatcher.kept import Decided, decide, decided

SUBJECT = "field"
ANSWERS: dict[Priority, int] = {"P1": 5, "P2": 15, "P3": 60, "P4": 240}
Minutes = Annotated[int, Field(ge=1, le=1440)]


class FieldPolicy(Decided):
    """Delays of the field.

    Attributes:
        answer_within_min: Minutes an expert has to answer, by class; then the next ones are asked.
        answer_takes_min: Minutes of an expert's time that one question takes, for planning it.
        lone_interval_min: Minutes after which somebody who works alone is asked whether all is
            well.
        lone_grace_min: Minutes he has to answer before the alarm.
        citizens_see_distance: Whether tracking pages say how far a crew is while it drives; None
            leaves it to the service's setting.
        lone_by_itself: Whether the watch starts by itself when a crew of one arrives.
    """

    answer_within_min: dict[Priority, Minutes] = Field(default_factory=lambda: dict(ANSWERS))
    answer_takes_min: int = Field(15, ge=1, le=240)
    lone_interval_min: int = Field(30, ge=2, le=240)
    lone_grace_min: int = Field(5, ge=1, le=60)
    lone_by_itself: bool = True
    citizens_see_distance: bool | None = None

    def answer_within(self, priority: Priority) -> timedelta:
        """Return how long the experts of one level have; a class left out has four hours."""
        return timedelta(minutes=self.answer_within_min.get(priority, 240))


def field_policy(session: Session, org: str) -> FieldPolicy:
    """Return the policy in force; the default one until somebody changes it."""
    return decided(session, SUBJECT, org, FieldPolicy)


def change_field_policy(tx: Tx, wanted: FieldPolicy) -> FieldPolicy:
    """Put a policy in force; `wanted.version` names the one it was made from.

    Raises:
        StaleVersion: Somebody changed it meanwhile.
    """
    made, changed = decide(tx, SUBJECT, wanted)
    tx.record(FieldPolicyChanged(version=made.version, fields=changed))
    return made
