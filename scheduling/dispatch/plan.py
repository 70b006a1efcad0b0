"""What is decided already: the plan in force, pins, and what ties visits to one another.

Units and conventions stand in ``problem``. Refuses to know crews and travel.
"""

from dataclasses import dataclass
from enum import StrEnum

from scheduling.dispatch.visit import ProblemError, Skill, Window


class PinKind(StrEnum):
    """How much of a dispatcher's decision the search may not undo."""

    CREW = "crew"
    ORDER = "order"
    TIME = "time"


class Relaxation(StrEnum):
    """What may change after the freeze horizon, from least to most."""

    TIMES = "times"
    ORDER = "order"
    ALL = "all"


class TerritoryRule(StrEnum):
    """Whether a crew may leave its sectors: never, or at a price (crisis)."""

    HARD = "hard"
    SOFT = "soft"


@dataclass(frozen=True, slots=True)
class Pin:
    """A dispatcher's decision: this visit, this crew, and perhaps its order or time.

    ``ORDER`` keeps the relative order of the pinned visits of one route as in the plan in force;
    ``TIME`` adds ``window``, in which service must start. A pin says where a visit goes if it is
    served; leaving it out is priced in the urgent tier.
    """

    visit_id: str
    crew_id: str
    kind: PinKind = PinKind.CREW
    window: Window | None = None


@dataclass(frozen=True, slots=True)
class PlannedStop:
    """A visit of the plan in force and the start it was given."""

    visit_id: str
    start_at: int


@dataclass(frozen=True, slots=True)
class PlannedRoute:
    """One crew's part of the plan in force, in order, committed work left out."""

    crew_id: str
    stops: tuple[PlannedStop, ...]


@dataclass(frozen=True, slots=True)
class Together:
    """Visits of as many different crews that start at the same second, all or none.

    A job for two crews is two visits at one place, tied by this.
    """

    visit_ids: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse a meeting of one."""
        if len(set(self.visit_ids)) < 2 or len(set(self.visit_ids)) != len(self.visit_ids):
            raise ProblemError("a meeting needs two visits or more, each once")


@dataclass(frozen=True, slots=True)
class After:
    """``then`` starts some time after ``first`` has ended, and not without it.

    Attributes:
        min_lag_s: least seconds from the end of ``first`` to the start of ``then``, ≥ 0.
        max_lag_s: most seconds; ``None`` = no limit.
        same_crew: True if one crew must do both.
    """

    first: str
    then: str
    min_lag_s: int = 0
    max_lag_s: int | None = None
    same_crew: bool = False

    def __post_init__(self) -> None:
        """Refuse a visit after itself and lags that cross."""
        if self.first == self.then:
            raise ProblemError(f"visit {self.first} cannot follow itself")
        if self.min_lag_s < 0 or (self.max_lag_s is not None and self.max_lag_s < self.min_lag_s):
            raise ProblemError(f"lags between {self.first} and {self.then} cross")


@dataclass(frozen=True, slots=True)
class Reserve:
    """Crews of a sector that are kept free for what may come.

    A crew is free in a window when it is not on site in it at work that is not urgent; on its way
    or waiting, it can be turned. It counts if it is there for the whole window (for what is left
    of one that has begun). Urgent work is what the reserve is for, and never counts against it.

    Attributes:
        crews: fewest that are free, ≥ 1; where fewer are there, all of them.
        windows: seconds in which they are; each window may be kept by other crews.
        territory: the crews' own sector; ``None`` = all crews together.
        skills: what a crew needs to count, at these levels.
        price: cost of each crew missing in each window; ``None`` = none may be missing.
    """

    crews: int
    windows: tuple[Window, ...]
    territory: str | None = None
    skills: tuple[Skill, ...] = ()
    price: int | None = None

    def __post_init__(self) -> None:
        """Refuse a reserve of nobody, and one that pays for being short."""
        if self.crews < 1:
            raise ProblemError("a reserve needs a crew or more")
        if self.price is not None and self.price < 0:
            raise ProblemError("a crew missing from a reserve may not pay")


@dataclass(frozen=True, slots=True)
class KeptHours:
    """Part of a sector's hours that only urgent visits may fill.

    Attributes:
        percent: of the hours between the crews' start and the end of their shifts, 1 to 100.
        territory: the crews' own sector; ``None`` = all crews together.
    """

    percent: int
    territory: str | None = None

    def __post_init__(self) -> None:
        """Refuse to keep nothing or more than all."""
        if not 1 <= self.percent <= 100:
            raise ProblemError(f"hours kept: {self.percent} is not 1 to 100")


Link = Together | After
