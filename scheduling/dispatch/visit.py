"""What must be visited: where, how long, when, by whom it may be, and what being wrong costs.

Units and conventions stand in ``problem``. Refuses to know crews' hours and plans.
"""

from dataclasses import dataclass
from typing import Final

COST_PER_SECOND: Final = 100
COST_PER_MINUTE: Final = 60 * COST_PER_SECOND
LONGEST_DELAY_S: Final = 86_400


class ProblemError(ValueError):
    """The problem contradicts itself and cannot be planned."""


@dataclass(frozen=True, slots=True)
class Window:
    """Seconds in which a service may start: ``opens_at`` included, ``closes_at`` excluded."""

    opens_at: int
    closes_at: int

    def __post_init__(self) -> None:
        """Refuse an empty window."""
        if self.closes_at <= self.opens_at:
            raise ProblemError(f"window closes at {self.closes_at}, opens at {self.opens_at}")


@dataclass(frozen=True, slots=True)
class Skill:
    """A skill or licence, with the level needed or held (1 = basic).

    Nobody holds or needs one code twice.

    Attributes:
        valid_until: of a skill held: first second at which it no longer counts (a certificate
            that expires); ``None`` = for good. Ignored on a skill needed.
    """

    code: str
    level: int = 1
    valid_until: int | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """One crew that may not do one visit, and the reason code shown to the dispatcher."""

    crew_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Preference:
    """Cost added when this crew does the visit: sector, continuity (negative = welcome)."""

    crew_id: str
    cost: int


@dataclass(frozen=True, slots=True)
class Promise:
    """An arrival that was announced.

    Attributes:
        start_at: announced start of service.
        is_told: True once the citizen was told; moving it then costs double.
    """

    start_at: int
    is_told: bool = False


@dataclass(frozen=True, slots=True)
class SoftWindow:
    """When the start is wanted, and what every second outside costs.

    Attributes:
        opens_at: wanted from this second; ``None`` = no start is too early.
        closes_at: wanted up to this second, included; ``None`` = no start is too late.
        early_rate: cost per second before ``opens_at``.
        late_rate: cost per second after ``closes_at``.
    """

    opens_at: int | None = None
    closes_at: int | None = None
    early_rate: int = COST_PER_SECOND
    late_rate: int = COST_PER_SECOND

    def __post_init__(self) -> None:
        """Refuse negative rates and a wish that ends before it begins."""
        if min(self.early_rate, self.late_rate) < 0:
            raise ProblemError("soft window: negative rate")
        opens, closes = self.opens_at, self.closes_at
        if opens is not None and closes is not None and closes < opens:
            raise ProblemError("soft window closes before it opens")


@dataclass(frozen=True, slots=True)
class Commitment:
    """A service level promised by contract, apart from the response target ``due_at``.

    Attributes:
        due_at: last second of start that keeps it.
        breach_cost: one-off cost of a later start.
        rate: cost per second after ``due_at``.
    """

    due_at: int
    breach_cost: int = 0
    rate: int = 0

    def __post_init__(self) -> None:
        """Refuse a breach that pays."""
        if min(self.breach_cost, self.rate) < 0:
            raise ProblemError("commitment: negative cost")


@dataclass(frozen=True, slots=True)
class Load:
    """Units of one thing that a visit takes from its vehicle: parts, spoil, tank, signs."""

    code: str
    units: int

    def __post_init__(self) -> None:
        """Refuse to take less than nothing."""
        if self.units < 0:
            raise ProblemError(f"load {self.code}: negative units")


@dataclass(frozen=True, slots=True)
class CrewDuration:
    """How long crews of one class of experience take for a visit, seconds ≥ 0."""

    experience: str
    duration_s: int

    def __post_init__(self) -> None:
        """Refuse to take less than no time."""
        if self.duration_s < 0:
            raise ProblemError(f"experience {self.experience}: negative duration")


@dataclass(frozen=True, slots=True)
class Transition:
    """What a crew does between a visit of one tag and the next of another, beside driving.

    It rinses a tank, changes a trailer: before it leaves, where it is. Only visits that follow one
    another count; what lies between them without a tag undoes nothing and adds nothing.

    Attributes:
        delay_s: seconds, 0 to a day, priced as the crew's driving is.
    """

    from_tag: str
    to_tag: str
    delay_s: int

    def __post_init__(self) -> None:
        """Refuse to win time, and days of rinsing."""
        if not 0 <= self.delay_s <= LONGEST_DELAY_S:
            raise ProblemError(f"delay from {self.from_tag} to {self.to_tag}: not 0 s to a day")


@dataclass(frozen=True, slots=True)
class Visit:
    """One crew's presence for one work order, still to be done.

    Attributes:
        id: unique name.
        place: row of the travel matrix.
        duration_s: service time, seconds, ≥ 0.
        priority: 1 (most urgent) to 4; only a visit of larger number may be bumped.
        windows: when service may start, in time order, disjoint; empty = any time.
        ready_at: not before (parts, permit, road closure); ``None`` = at once.
        due_at: last second of start that is on time; ``None`` = never late.
        late_rate: cost per second late (ignored when ``is_urgent``: seconds count as such).
        breach_cost: one-off cost as soon as the start is late.
        unserved_cost: cost of leaving the visit out.
        is_urgent: True puts lateness and omission of this visit in the tier above all cost.
        skills: all needed, at these levels or above.
        crew_size: agents needed on site.
        load: units of vehicle capacity taken.
        bars: crews excluded and why.
        preferences: crews welcome or unwelcome, with a cost.
        promise: arrival announced earlier, if any.
        any_skills: at least one of these is needed; empty = none.
        wished_skills: each missing one costs ``Prices.underskill``.
        equipment: codes that the vehicle must carry, all of them.
        required_crews: only these may serve it; empty = any.
        territory: sector it lies in; ``None`` = anybody's.
        is_escalated: True lets a crew on call take it outside its duty.
        loads: units of other things taken, each code once.
        kind: what the work is, for ``Problem.incompatible``.
        soft_window: when the start is wanted.
        commitment: contractual service level.
        delay_rate: cost per second between now and the start (earlier is safer).
        bump_cost: cost of taking its slot away once planned; ``None`` = it may not be bumped.
        is_remote: True = done from a desk or by phone, by remote crews alone.
        crew_durations: service time by class of experience, each class once; ``duration_s`` holds
            for every other crew.
        tag: what it leaves on or wants of the vehicle, for ``Problem.transitions``.
    """

    id: str
    place: int
    duration_s: int
    priority: int = 3
    windows: tuple[Window, ...] = ()
    ready_at: int | None = None
    due_at: int | None = None
    late_rate: int = COST_PER_SECOND
    breach_cost: int = 0
    unserved_cost: int = 600 * COST_PER_MINUTE
    is_urgent: bool = False
    skills: tuple[Skill, ...] = ()
    crew_size: int = 1
    load: int = 0
    bars: tuple[Bar, ...] = ()
    preferences: tuple[Preference, ...] = ()
    promise: Promise | None = None
    any_skills: tuple[Skill, ...] = ()
    wished_skills: tuple[Skill, ...] = ()
    equipment: tuple[str, ...] = ()
    required_crews: tuple[str, ...] = ()
    territory: str | None = None
    is_escalated: bool = False
    loads: tuple[Load, ...] = ()
    kind: str | None = None
    soft_window: SoftWindow | None = None
    commitment: Commitment | None = None
    delay_rate: int = 0
    bump_cost: int | None = 0
    is_remote: bool = False
    crew_durations: tuple[CrewDuration, ...] = ()
    tag: str | None = None

    def __post_init__(self) -> None:
        """Refuse negative amounts, unordered windows and unknown priorities."""
        amounts = (self.duration_s, self.late_rate, self.breach_cost, self.unserved_cost, self.load)
        if min(*amounts, self.delay_rate, self.bump_cost or 0, self.place) < 0:
            raise ProblemError(f"visit {self.id}: negative amount")
        if self.crew_size < 1:
            raise ProblemError(f"visit {self.id}: negative amount")
        if not 1 <= self.priority <= 4:
            raise ProblemError(f"visit {self.id}: priority {self.priority} is not 1 to 4")
        for before, after in zip(self.windows, self.windows[1:], strict=False):
            if after.opens_at < before.closes_at:
                raise ProblemError(f"visit {self.id}: windows overlap or are out of order")
        if len({load.code for load in self.loads}) != len(self.loads):
            raise ProblemError(f"visit {self.id}: one load is named twice")
        if len({one.experience for one in self.crew_durations}) != len(self.crew_durations):
            raise ProblemError(f"visit {self.id}: one experience is named twice")

    def lasts_s(self, experience: str | None) -> int:
        """Seconds of service by a crew of this class of experience (``None`` = of no class)."""
        for one in self.crew_durations:
            if one.experience == experience:
                return one.duration_s
        return self.duration_s

    @property
    def longest_s(self) -> int:
        """Seconds of service by the slowest crew."""
        return max((self.duration_s, *(one.duration_s for one in self.crew_durations)))

    @property
    def shortest_s(self) -> int:
        """Seconds of service by the quickest crew."""
        return min((self.duration_s, *(one.duration_s for one in self.crew_durations)))
