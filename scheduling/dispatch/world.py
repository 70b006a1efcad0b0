"""How the compiled kernel sees a problem and a plan: few arrays, one cache line per thing.

Layout is the largest lever on speed, because every array handed to a compiled function costs some
5 ns a call: with one array per attribute the same moves ran eight times slower. So a visit, a
crew and a stop are each one row of one array, columns have names here, and the innermost
functions take single arrays instead of the whole world.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from scheduling.dispatch.arrays import FAR, FORBIDDEN, Ints, Tables

Ints32 = npt.NDArray[np.int32]

# Columns of World.jobs: the eight that every evaluation reads come first.
DURATION: Final = 0
OPENS: Final = 1
DUE: Final = 2
LAST: Final = 3
LATE: Final = 4
DROP: Final = 5
LOAD: Final = 6
STEPS: Final = 7
BREACH: Final = 8
PROMISE_LOW: Final = 9
PROMISE_HIGH: Final = 10
PROMISE_PRICE: Final = 11
WINDOWS: Final = 12
ANCHORED: Final = 13
REMOTENESS: Final = 14
CHOICES: Final = 15
FIRST_WINDOW: Final = 16
"""First of ``WINDOWS`` pairs of columns: first and last second of each window.

``STEPS`` is 0 for a visit whose cost has no step, 1 for one with a breach or a promise; above, it
is the column where the visit's pieces stand: their number, then for each side (1 late, -1 early),
second, fixed cost and rate.
"""

# Columns of World.crews.
READY: Final = 0
PRICED_FROM: Final = 1
HARD_END: Final = 2
OVERTIME: Final = 3
RATE: Final = 4
FIXED: Final = 5
CAPACITY: Final = 6
FROZEN: Final = 7
BREAKS: Final = 8
IS_OUT: Final = 9
TWIN: Final = 10
SPECIAL: Final = 11
"""0, or the column where a special crew's own rules stand, at the offsets below."""
LASTS: Final = 12
"""The column of a visit's row that says how long it lasts with this crew."""
FIRST_BREAK: Final = 16
"""First of ``BREAKS`` triples of columns: earliest, latest, duration."""

# Offsets from a crew's ``SPECIAL`` column.
MAX_TRAVEL: Final = 0
MAX_DISTANCE: Final = 1
DISTANCE_RATE: Final = 2
TIME_RATE: Final = 3
OVERTIME_SQUARE: Final = 4
DUTY_OPENS: Final = 5
DUTY_LAST: Final = 6
WAITING: Final = 7
UNEVEN_HOURS: Final = 8
UNEVEN_VISITS: Final = 9
RESEQUENCE: Final = 10
TRAITS: Final = 11
SUMS: Final = 12
FIRST_SUM: Final = 13
"""First of ``SUMS`` triples: limit, soft limit, cost per unit above it."""

# Offsets from the column that ``TRAITS`` names, in a visit's row.
KIND: Final = 0
CLASH: Final = 1
ESCALATED: Final = 2
RANK: Final = 3
PLANNER: Final = 4
FIRST_TAKEN: Final = 5
"""First of the units taken of each sum."""

# Columns of State.route: a stop, with the state of the crew when it is free there.
NODE: Final = 0
LEG: Final = 1
FREE: Final = 2
START: Final = 3
HARD: Final = 4
CALM: Final = 5
TAKEN: Final = 6

# Row 0 of a route is the crew at its start; columns without meaning there hold the route's sums.
COUNT: Final = 1
CARRIED: Final = 3
COST: Final = 4
TOUCHED: Final = 5
DIRTY: Final = 7

# Cells of State.tally.
TOUCHED_COUNT: Final = 0
JOB_COUNT: Final = 1
ABSENT_COUNT: Final = 2
ITERATION: Final = 3
TOTAL: Final = 4
BEST: Final = 5
STAMP: Final = 6
BLINK: Final = 7
IMPROVED: Final = 8
FLAWED: Final = 9
SPECIALS: Final = 10

# Rows of State.work.
TOUCHED_CREWS: Final = 0
JOBS: Final = 1
OLD_WHERE: Final = 2
KEYS: Final = 3
CREW_STAMP: Final = 4
CANDIDATES: Final = 5
RAW: Final = 8
ABSENT: Final = 6
ABSENT_SLOT: Final = 7

# Columns of World.groups.
GROUP_KIND: Final = 0
GROUP_MOST: Final = 1
GROUP_OPENS: Final = 2
GROUP_CLOSES: Final = 3
GROUP_PRICE: Final = 4

BIG: Final = 1 << 61
CLOSED: Final = -(1 << 50)

NEIGHBOURS: Final = 300
NEAR_STARTS: Final = 12
ALL_CREWS_UP_TO: Final = 60
"""Above this many crews a visit is tried only near its neighbours: same plans, twice as fast."""


class World(NamedTuple):
    """A problem. Nodes are visits, then crew starts, then crew ends.

    ``price`` is visits × crews, cost of giving one to the other, ``FORBIDDEN`` if it may not be.
    ``travel`` is n×n seconds, and below them n×n metres if a crew's distance counts, then n×n
    seconds of delay if driving has a limit; ``back`` is the transpose of the seconds, so that both
    trips of a visit lie in two rows that fit in the first cache. ``near`` lists each visit's
    nearest visits, itself first; ``starts`` its nearest allowed crews; ``allowed`` all its crews,
    padded with -1. ``groups`` are the rules that routes share, ``member`` crews × groups.
    """

    jobs: Ints
    crews: Ints
    price: Ints
    travel: Ints32
    back: Ints32
    allowed: Ints32
    near: Ints32
    starts: Ints32
    groups: Ints
    member: Ints


class State(NamedTuple):
    """A plan being changed, its undo copy, the best one seen, and scratch space.

    The last row of ``old_route`` belongs to no crew: places of special crews are tried in it.
    ``shares`` is what each crew takes of each group, the same before the iteration, and the sums.
    """

    route: Ints
    old_route: Ints
    where: Ints
    work: Ints
    tally: Ints
    best: Ints32
    shares: Ints
    rng: npt.NDArray[np.uint64]


def build_world(known: Tables) -> World:
    """The problem in the kernel's layout."""
    place = np.concatenate([known.visits.place, known.crews.start_place, known.crews.end_place])
    travel = np.ascontiguousarray(known.seconds[np.ix_(place, place)].astype(np.int32))
    count = len(known.visits.place)
    allowed = _allowed(known)
    jobs = _jobs(known)
    apart = [table[np.ix_(place, place)].astype(np.int32) for table in _apart(known)]
    rows = np.ascontiguousarray(np.concatenate([travel, *apart])) if apart else travel
    from_start = travel[count : count + len(known.crews.ready), :count]
    if count:
        jobs[:, REMOTENESS] = from_start.min(axis=0) if len(from_start) else 0
        jobs[:, CHOICES] = (allowed >= 0).sum(axis=1)
    return World(
        jobs=jobs,
        crews=_crews(known, jobs.shape[1]),
        price=np.ascontiguousarray(known.assignment.T),
        travel=rows,
        back=np.ascontiguousarray(travel.T),
        allowed=allowed,
        near=_near(travel[:count, :count]),
        starts=_near_starts(known, from_start),
        groups=_groups(known),
        member=_members(known),
    )


def build_state(world: World, seed: int) -> State:
    """An empty plan with room for every visit, and a seeded source of chance."""
    jobs, crews = len(world.jobs), len(world.crews)
    room = _most_stops(world) + 2
    # Scrambled so that neighbouring seeds do not give neighbouring first draws; never zero.
    scrambled = (seed * 0x9E3779B97F4A7C15 + 0xD1B54A32D192ED03) % (1 << 64) or 1
    state = State(
        route=np.zeros((crews, room, 8), dtype=np.int64),
        old_route=np.zeros((crews + 1, room, 8), dtype=np.int64),
        where=np.full(jobs, -1, dtype=np.int64),
        work=np.zeros((9, max(jobs, crews) + 64), dtype=np.int64),
        tally=np.zeros(16, dtype=np.int64),
        best=np.zeros((crews, room), dtype=np.int32),
        shares=np.zeros((2 * crews + 1, len(world.groups)), dtype=np.int64),
        rng=np.array([scrambled], dtype=np.uint64),
    )
    state.work[ABSENT, :jobs] = np.arange(jobs)
    state.work[ABSENT_SLOT, :jobs] = np.arange(jobs)
    state.tally[ABSENT_COUNT] = jobs
    state.tally[BLINK] = 50
    state.tally[SPECIALS] = (world.crews[:, SPECIAL] > 0).sum()
    return state


def _most_stops(world: World) -> int:
    """Stops that fit in the longest shift by service time alone: short rows stay in the cache."""
    if not len(world.crews):
        return len(world.jobs)
    longest = int((world.crews[:, HARD_END] - world.crews[:, READY]).max())
    lasts = world.jobs[:, np.unique(world.crews[:, LASTS])].min(axis=1)
    spent = np.cumsum(np.sort(lasts))
    return int(np.searchsorted(spent, longest, side="right"))


def _jobs(known: Tables) -> Ints:
    rows = known.visits
    width = rows.opens.shape[1]
    base = np.zeros((len(rows.place), FIRST_WINDOW + 2 * width), dtype=np.int64)
    pieces = _piece_columns(known)
    jobs = np.concatenate([base, pieces, _trait_columns(known), rows.duration[:, 1:]], axis=1)
    jobs[:, DURATION] = rows.duration[:, 0]
    jobs[:, OPENS] = rows.opens[:, 0]
    jobs[:, DUE] = rows.due
    jobs[:, LAST] = rows.last.max(axis=1)
    jobs[:, LATE] = rows.late
    jobs[:, DROP] = rows.omission
    jobs[:, LOAD] = rows.load
    jobs[:, STEPS] = (rows.breach > 0) | (rows.promise_price > 0)
    if pieces.shape[1]:
        jobs[pieces[:, 0] > 0, STEPS] = base.shape[1]
    jobs[:, BREACH] = rows.breach
    jobs[:, PROMISE_LOW] = rows.promise_low
    jobs[:, PROMISE_HIGH] = rows.promise_high
    jobs[:, PROMISE_PRICE] = rows.promise_price
    jobs[:, WINDOWS] = (rows.last > -FAR).sum(axis=1)
    jobs[:, ANCHORED] = known.anchored
    windows = slice(FIRST_WINDOW, base.shape[1])
    jobs[:, windows][:, ::2], jobs[:, windows][:, 1::2] = rows.opens, rows.last
    return jobs


def _piece_columns(known: Tables) -> Ints:
    """Number of pieces of each visit, then the pieces that cost it something."""
    pieces = known.visits.pieces
    table = np.zeros((len(known.visits.place), 1 + 4 * len(pieces) if pieces else 0))
    columns = table.astype(np.int64)
    for piece in pieces:
        for row in np.flatnonzero((piece.fixed > 0) | (piece.rate > 0)):
            first = 1 + 4 * columns[row, 0]
            side = 1 if piece.is_late else -1
            columns[row, first : first + 4] = side, piece.at[row], piece.fixed[row], piece.rate[row]
            columns[row, 0] += 1
    return columns


def _trait_columns(known: Tables) -> Ints:
    """What the special crews ask of each visit."""
    sums = known.sums
    if sums is None:
        return np.zeros((len(known.visits.place), 0), dtype=np.int64)
    traits = [sums.kind, sums.clash, sums.escalated, sums.rank, sums.planner]
    return np.concatenate([np.stack(traits, axis=1), sums.taken], axis=1)


def _apart(known: Tables) -> list[Ints32]:
    """What crews with rules on sums ask of a leg beside its seconds: metres, then delays."""
    sums = known.sums
    if sums is None:
        return []
    if known.delays is not None and (sums.max_travel < FAR).any():
        return [known.metres, known.delays]
    is_counted = (sums.distance_rate > 0).any() or (sums.max_distance < FAR).any()
    return [known.metres] if is_counted else []


def _crews(known: Tables, width_of_jobs: int) -> Ints:
    rows = known.crews
    width, paces = rows.breaks.shape[1], known.visits.duration.shape[1]
    base = np.zeros((len(rows.ready), FIRST_BREAK + 3 * width), dtype=np.int64)
    crews = np.concatenate([base, _special_columns(known)], axis=1)
    crews[:, FIRST_BREAK : base.shape[1]] = rows.breaks.reshape(len(crews), 3 * width)
    crews[:, READY] = rows.ready
    crews[:, PRICED_FROM] = rows.priced_from
    crews[:, HARD_END] = rows.hard_end
    crews[:, OVERTIME] = rows.overtime_rate
    crews[:, RATE] = rows.travel_rate
    crews[:, FIXED] = rows.fixed_cost
    crews[:, CAPACITY] = rows.capacity
    crews[:, FROZEN] = rows.frozen
    crews[:, BREAKS] = rows.break_count
    crews[:, IS_OUT] = rows.is_out
    crews[:, LASTS] = np.where(rows.pace == 0, DURATION, width_of_jobs - paces + rows.pace)
    if known.sums is not None:
        crews[known.sums.is_special, SPECIAL] = base.shape[1]
    first, members = dict[bytes, int](), _members(known)
    for row in range(len(crews)):
        looks = [crews[row, :TWIN], crews[row, SPECIAL:], known.assignment[row], members[row]]
        places = np.array([rows.start_place[row], rows.end_place[row]], dtype=np.int64)
        crews[row, TWIN] = first.setdefault(np.concatenate([*looks, places]).tobytes(), row)
    return crews


def _groups(known: Tables) -> Ints:
    """Kind, most, window and price of what routes share."""
    shared = known.shares
    if shared is None:
        return np.zeros((0, 5), dtype=np.int64)
    return np.column_stack([shared.kind, shared.most, shared.window, shared.price])


def _members(known: Tables) -> Ints:
    if known.shares is None:
        return np.zeros((len(known.crews.ready), 0), dtype=np.int64)
    return np.ascontiguousarray(known.shares.member)


def _special_columns(known: Tables) -> Ints:
    """Rules of special crews, at the offsets named above."""
    sums, prices = known.sums, known.problem.prices
    if sums is None:
        return np.zeros((len(known.crews.ready), 0), dtype=np.int64)
    count = len(sums.names)
    columns = np.zeros((len(known.crews.ready), FIRST_SUM + 3 * count), dtype=np.int64)
    columns[:, MAX_TRAVEL], columns[:, MAX_DISTANCE] = sums.max_travel, sums.max_distance
    columns[:, DISTANCE_RATE], columns[:, TIME_RATE] = sums.distance_rate, sums.time_rate
    columns[:, OVERTIME_SQUARE] = sums.overtime_square
    columns[:, DUTY_OPENS : DUTY_LAST + 1] = sums.duty
    columns[:, WAITING], columns[:, RESEQUENCE] = prices.waiting, prices.resequence
    columns[:, UNEVEN_HOURS] = prices.uneven_hours
    columns[:, UNEVEN_VISITS] = prices.uneven_visits
    pieces = 1 + 4 * len(known.visits.pieces) if known.visits.pieces else 0
    columns[:, TRAITS] = FIRST_WINDOW + 2 * known.visits.opens.shape[1] + pieces
    columns[:, SUMS] = count
    columns[:, FIRST_SUM::3] = sums.most
    columns[:, FIRST_SUM + 1 :: 3] = sums.soft_most
    columns[:, FIRST_SUM + 2 :: 3] = sums.rate
    return columns


def _allowed(known: Tables) -> Ints32:
    may = (known.assignment < FORBIDDEN).T
    allowed = np.full(may.shape, -1, dtype=np.int32)
    for row in range(len(may)):
        crews = np.flatnonzero(may[row])
        allowed[row, : len(crews)] = crews
    return allowed


def _near(travel: Ints32) -> Ints32:
    if not len(travel):
        return np.zeros((0, 0), dtype=np.int32)
    both_ways = travel + travel.T
    np.fill_diagonal(both_ways, -1)
    order = np.argsort(both_ways, axis=1, kind="stable")
    return np.ascontiguousarray(order[:, : NEIGHBOURS + 1].astype(np.int32))


def _near_starts(known: Tables, from_start: Ints32) -> Ints32:
    starts = np.full((from_start.shape[1], NEAR_STARTS), -1, dtype=np.int32)
    if len(from_start) <= ALL_CREWS_UP_TO:
        return starts
    distance = np.where(known.assignment < FORBIDDEN, from_start, np.iinfo(np.int32).max)
    order = np.argsort(distance, axis=0, kind="stable")[:NEAR_STARTS].T
    is_allowed = np.take_along_axis(known.assignment.T, order, axis=1) < FORBIDDEN
    starts[:, : order.shape[1]] = np.where(is_allowed, order, -1)
    return starts
