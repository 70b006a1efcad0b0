"""Wire models of how far the optimiser may go by itself."""

from datetime import datetime

from pydantic import AwareDatetime, Field

from dispatcher.events.states import Priority
from dispatcher.wire import In, Out


class TuningIn(In):
    """What to set; `replaces` is the `tuned_at` that was read.

    A proposal's line applies without asking when its class and the sectors of both its crews have
    opted in. `churn_max`: planned visits that one proposal may send to another crew; null is any
    number. `freeze_minutes`: stops starting within this time do not move. `learned_durations`:
    plans count with the times on site that finished work has taught, not the catalogue's.
    `slack_minutes`: with a whole day ahead the planner wants crews home so much before their shift
    ends, in proportion less as the day passes. These two, left out, stay as they are.
    """

    auto_classes: list[Priority] = Field(max_length=4)
    auto_sectors: list[str] = Field(max_length=200)
    churn_max: int | None = Field(ge=0, le=1000)
    freeze_minutes: int = Field(ge=0, le=480)
    learned_durations: bool | None = None
    slack_minutes: int | None = Field(default=None, ge=0, le=180)
    replaces: AwareDatetime | None


class TuningOut(Out):
    """What is set, by whom, and which sectors there are."""

    auto_classes: list[str]
    auto_sectors: list[str]
    churn_max: int | None
    freeze_minutes: int
    learned_durations: bool
    slack_minutes: int
    sectors: list[str]
    tuned_at: datetime | None
    tuned_by: str | None
