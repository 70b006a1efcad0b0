"""Wire models of what crews say from the field."""

from typing import Self

from pydantic import AwareDatetime, Field, model_validator

from dispatcher.events.field_states import HelpKind, HelpState
from dispatcher.events.states import VisitState
from dispatcher.wire import In, Out


class HelpIn(In):
    """What a crew needs, and when it said so on the phone's clock.

    Attributes:
        need: `more_time` needs `minutes`; `part_missing` needs `note`, the part; `expert` needs
            `note`, the question.
        minutes: Time more, or with `made_safe` and `part_missing` the work that is left.
        note: The part, the question, or a few words.
        stays: With `part_missing`: the crew waits there for the part instead of leaving.
        phone: With `expert`: where to call back.
        at: When it happened; now by default.
    """

    need: HelpKind
    minutes: int | None = Field(None, ge=5, le=480)
    note: str | None = Field(None, min_length=1, max_length=500)
    stays: bool = False
    phone: str | None = Field(None, max_length=30, pattern=r"^[0-9+ .()-]{3,30}$")
    at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _says_enough(self) -> Self:
        if self.need == "more_time" and self.minutes is None:
            raise ValueError("say how many minutes more")
        if self.need in {"part_missing", "expert"} and not self.note:
            raise ValueError("say which part, or what to ask")
        return self


class HelpOut(Out):
    """The call for help, and the visit as it is now."""

    help: HelpState
    visit: VisitState


class LoneIn(In):
    """Watch over a lone worker; the policy's interval by default."""

    interval_min: int | None = Field(None, ge=2, le=240)
    at: AwareDatetime | None = None


class AliveIn(In):
    """A sign of life, when it was given on the phone's clock; `ends` stops the watch."""

    ends: bool = False
    at: AwareDatetime | None = None


class AlarmAnswerIn(In):
    """Whether the person was reached and is well, or somebody only takes care of it."""

    is_well: bool
