"""Who can go: people and a vehicle, their hours and limits.

Units and conventions stand in ``problem``. Refuses to know visits and plans.
"""

from dataclasses import dataclass

from scheduling.dispatch.visit import COST_PER_SECOND, ProblemError, Skill, Window


@dataclass(frozen=True, slots=True)
class Break:
    """A pause a crew must take if its route goes on after ``latest_at``.

    It starts within ``[earliest_at, latest_at]`` (both included), while the crew stands: before
    it leaves a place, or at a door that is not open yet; never inside a drive or a service. A
    crew that is home by ``latest_at`` needs none.
    """

    earliest_at: int
    latest_at: int
    duration_s: int

    def __post_init__(self) -> None:
        """Refuse a pause that cannot start."""
        if self.latest_at < self.earliest_at or self.duration_s <= 0:
            raise ProblemError("break without room to start")


@dataclass(frozen=True, slots=True)
class WorkLimit:
    """The longest a crew may go on (drive, serve, wait) without a pause.

    Attributes:
        work_s: seconds from the start, or from the end of a pause, to the next pause or home.
        pause_s: length of the pause that is due then.
    """

    work_s: int
    pause_s: int

    def __post_init__(self) -> None:
        """Refuse a limit that leaves no time to work."""
        if self.work_s <= 0 or self.pause_s <= 0:
            raise ProblemError("work limit without work or pause")


@dataclass(frozen=True, slots=True)
class Territory:
    """A sector a crew serves: its own at no cost, a secondary or lent one at a cost per visit."""

    code: str
    cost: int = 0

    def __post_init__(self) -> None:
        """Refuse a sector that pays."""
        if self.cost < 0:
            raise ProblemError(f"territory {self.code}: negative cost")


@dataclass(frozen=True, slots=True)
class LoadLimit:
    """Units of one thing that a vehicle can give or hold on its route.

    Attributes:
        most: may not be exceeded, ≥ 0.
        soft_most: units above which each costs ``rate``; ``None`` = ``most``.
        rate: cost per unit above ``soft_most``.
    """

    code: str
    most: int
    soft_most: int | None = None
    rate: int = 0

    def __post_init__(self) -> None:
        """Refuse negative limits and rates."""
        if min(self.most, self.rate, self.soft_most or 0) < 0:
            raise ProblemError(f"load limit {self.code}: negative amount")


@dataclass(frozen=True, slots=True)
class Crew:
    """People and a vehicle that move together, from where and when they are next free.

    Attributes:
        start_place: place at ``ready_at``.
        end_place: place where the shift ends.
        ready_at: free from this second: shift start, or end of the committed work.
        shift_end: last arrival at ``end_place`` without overtime.
        hard_end: last lawful arrival at ``end_place``, ≥ ``shift_end``.
        is_out: True if the crew has left its depot, so that it drives home even when idle.
        overtime_rate: cost per second home after ``priced_from``.
        travel_rate: cost per second of driving.
        fixed_cost: cost of using the crew at all.
        breaks: pauses still to take, in time order.
        capacity: units of load carried; ``None`` = no limit.
        size: agents in the crew.
        equipment: codes of what the vehicle carries.
        territories: sectors served; empty = all.
        rest_until: end of the rest that law or rota demands; nothing before it.
        absences: seconds in which the crew is not there (leave, training), in time order.
        max_route_s: longest route from ``ready_at`` (or the end of rest) to the return.
        max_travel_s: longest driving on the route, the way home included.
        max_distance_m: longest distance on the route, the way home included.
        max_from_home_s: farthest visit from ``end_place``, in seconds of driving from there.
        max_from_home_m: the same in metres.
        max_visits: most visits on the route.
        reserve_s: seconds of the day that only urgent visits may fill.
        limits: what the vehicle can give or hold, each code once; a code without limit is free.
        work_limit: longest work without a pause.
        on_call: if the crew is on call, the seconds in which it may start any visit; outside
            them only escalated ones. ``None`` = an ordinary crew.
        overtime_square: cost per minute × minute home after ``priced_from``, on top.
        time_rate: cost per second from ``ready_at`` to the return of a crew that is used.
        distance_rate: cost per kilometre.
        located_at: second of its last known position; ``None`` = unknown or not needed.
        is_remote: True = answers from where it is (an expert): remote visits alone, no travel.
        experience: class by which visits may last longer or less long (``Visit.crew_durations``).
        overtime_from: second from which coming home is priced as overtime, where that is not
            ``shift_end``: earlier for a crew wanted home with time to spare (see ``slack``).
        last_tag: tag of the visit it comes from; ``None`` = from a depot, or nothing to undo.
    """

    id: str
    start_place: int
    end_place: int
    ready_at: int
    shift_end: int
    hard_end: int
    is_out: bool = False
    skills: tuple[Skill, ...] = ()
    breaks: tuple[Break, ...] = ()
    overtime_rate: int = 2 * COST_PER_SECOND
    travel_rate: int = COST_PER_SECOND
    fixed_cost: int = 0
    capacity: int | None = None
    size: int = 1
    equipment: tuple[str, ...] = ()
    territories: tuple[Territory, ...] = ()
    rest_until: int | None = None
    absences: tuple[Window, ...] = ()
    max_route_s: int | None = None
    max_travel_s: int | None = None
    max_distance_m: int | None = None
    max_from_home_s: int | None = None
    max_from_home_m: int | None = None
    max_visits: int | None = None
    reserve_s: int = 0
    limits: tuple[LoadLimit, ...] = ()
    work_limit: WorkLimit | None = None
    on_call: Window | None = None
    overtime_square: int = 0
    time_rate: int = 0
    distance_rate: int = 0
    located_at: int | None = None
    is_remote: bool = False
    experience: str | None = None
    overtime_from: int | None = None
    last_tag: str | None = None

    @property
    def priced_from(self) -> int:
        """The second from which coming home costs overtime."""
        return self.shift_end if self.overtime_from is None else self.overtime_from

    def __post_init__(self) -> None:
        """Refuse a shift that ends in law before it ends on paper, and negative amounts."""
        if self.hard_end < self.shift_end:
            raise ProblemError(f"crew {self.id}: hard end before shift end")
        rates = (self.overtime_rate, self.travel_rate, self.fixed_cost, self.overtime_square)
        if min(*rates, self.time_rate, self.distance_rate, self.reserve_s) < 0:
            raise ProblemError(f"crew {self.id}: negative rate")
        caps = (self.max_route_s, self.max_travel_s, self.max_distance_m, self.max_visits)
        homes = (self.max_from_home_s, self.max_from_home_m)
        if min((cap for cap in (*caps, *homes) if cap is not None), default=0) < 0:
            raise ProblemError(f"crew {self.id}: negative limit")
        for before, after in zip(self.absences, self.absences[1:], strict=False):
            if after.opens_at < before.closes_at:
                raise ProblemError(f"crew {self.id}: absences overlap or are out of order")
        if len({limit.code for limit in self.limits}) != len(self.limits):
            raise ProblemError(f"crew {self.id}: one load is limited twice")
