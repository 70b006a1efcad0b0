"""The cheapest lawful rows of one worker over a stretch of days, by dynamic programming.

Compiled loops on arrays; `rows.py` says what goes in and what comes out. A state is how the
day ended (so many days off, or so many days worked and what may follow), uses of capped
shifts (one mixed-radix number), week-ends worked and units of working time. Shifts that the
same shifts may follow share a state, which keeps instances of thirty shifts within reach.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scheduling.dispatch.jit import compiled

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

FAR = np.float32(1e9)
"""Cost of what is impossible; real costs stay far below."""
BANNED = np.float32(1e8)
MAX_RUN, MIN_RUN, MIN_OFF, WEEKENDS, USES, MOST, FIRST, COUNTS = range(8)
"""Positions in the array of limits: `MOST` in units, `FIRST` the first day of the stretch,
`COUNTS` 1 when week-ends must be counted,
`USES` the number of combinations of counted uses."""


@compiled
def rest(tables, d, reach, here, there):  # type: ignore[no-untyped-def]
    """One more day off, from every state that may end a run."""
    limits, groups = tables[4], tables[3].shape[1]
    run, off = limits[MAX_RUN], limits[MIN_OFF]
    for c in range(limits[USES]):
        for k in range(limits[WEEKENDS] + 1):
            for j in range(off):
                to = min(j + 1, off - 1)
                for m in range(reach + 1):
                    there[to, c, k, m] = min(there[to, c, k, m], here[j, c, k, m])
            for g in range(groups):
                for r in range(1, run + 1):
                    if r >= limits[MIN_RUN] or r == limits[FIRST] + d:
                        s = off + g * run + r - 1
                        for m in range(reach + 1):
                            there[0, c, k, m] = min(there[0, c, k, m], here[s, c, k, m])


@compiled
def work(tables, when, here, there):  # type: ignore[no-untyped-def]
    """One day worked in shift `t`, from rest or from any group it may follow."""
    cost, units, group, before, limits, digits = tables
    d, t, reach = when
    run, off = limits[MAX_RUN], limits[MIN_OFF]
    uses, cap = digits[0, t], digits[1, t]
    weekday = (limits[FIRST] + d) % 7
    stop = min(reach, limits[MOST] - units[t]) + 1
    source = np.empty(max(stop, 1), dtype=np.float32)
    for r in range(1, run + 1):
        inc = limits[COUNTS] if weekday == 5 or (weekday == 6 and r == 1) else 0
        s = off + group[t] * run + r - 1
        for c in range(limits[USES]):
            if uses and c // uses % (cap + 1) == cap:
                continue
            for k in range(limits[WEEKENDS] + 1 - inc):
                source[:] = FAR
                for g in range(before.shape[1] if r > 1 else 1):
                    if r == 1 or before[t, g]:
                        p = off - 1 if r == 1 else off + g * run + r - 2
                        for m in range(stop):
                            source[m] = min(source[m], here[p, c, k, m])
                for m in range(stop):
                    value = source[m] + cost[d, t]
                    n = m + units[t]
                    if value < there[s, c + uses, k + inc, n]:
                        there[s, c + uses, k + inc, n] = value


@compiled
def fill(tables, entry, table):  # type: ignore[no-untyped-def]
    """Fills `table[day, state, uses, week-ends, units]` with the least costs.

    Args:
        tables: a tuple of: cost (days × shifts; `BANNED` or more when impossible that day),
            units (length of each shift), group (its state group), before (shifts × groups;
            True when the shift may follow the group), limits (see `MAX_RUN` and its
            neighbours), digits (2 × shifts: what one use adds to the number of uses, 0 when
            the shift is not counted, and the cap).
        entry: state in which the stretch is entered.
        table: scratch, overwritten.
    """
    cost, units, _, _, limits, _ = tables
    table[:] = FAR
    table[0, entry, 0, 0, 0] = 0.0
    longest = units.max()
    for d in range(cost.shape[0]):
        reach = min(limits[MOST], d * longest)
        rest(tables, d, reach, table[d], table[d + 1])  # type: ignore[no-untyped-call]
        for t in range(cost.shape[1]):
            if cost[d, t] < BANNED:
                work(tables, (d, t, reach), table[d], table[d + 1])  # type: ignore[no-untyped-call]


@compiled
def trace(tables, table, cell, row):  # type: ignore[no-untyped-def]  # noqa: C901
    """Walks back from one final cell `(state, uses, week-ends, units)` and writes the row."""
    cost, units, group, before, limits, digits = tables
    days, shifts = cost.shape
    groups = before.shape[1]
    run, least_run, off, _, _, _, first, counts = limits
    s, c, k, m = cell
    for d in range(days - 1, -1, -1):
        here = table[d]
        best, was, bc, bk, bm = FAR, -1, c, k, m
        row[d] = -1
        if s < off:
            if s == 0:
                for g in range(groups):
                    for r in range(1, run + 1):
                        if r >= least_run or r == first + d:
                            p = off + g * run + r - 1
                            if here[p, c, k, m] < best:
                                best, was = here[p, c, k, m], p
            if s > 0 and here[s - 1, c, k, m] < best:
                best, was = here[s - 1, c, k, m], s - 1
            if s == off - 1 and here[s, c, k, m] < best:
                best, was = here[s, c, k, m], s
            s = was
            continue
        r = (s - off) % run + 1
        inc = counts if (first + d) % 7 == 5 or ((first + d) % 7 == 6 and r == 1) else 0
        for t in range(shifts):
            uses, cap = digits[0, t], digits[1, t]
            lacks = units[t] > m or (uses and c // uses % (cap + 1) == 0) or inc > k
            if lacks or group[t] != (s - off) // run or cost[d, t] >= BANNED:
                continue
            for g in range(groups):
                p = off - 1 if r == 1 else off + g * run + r - 2
                if r > 1 and not before[t, g]:
                    continue
                value = here[p, c - uses, k - inc, m - units[t]] + cost[d, t]
                if value < best:
                    best, was, row[d] = value, p, t
                    bc, bk, bm = c - uses, k - inc, m - units[t]
        s, c, k, m = was, bc, bk, bm


@compiled
def ends(last, exits, least, count, cells):  # type: ignore[no-untyped-def]
    """Writes the `count` cheapest final cells that differ in more than the state; how many."""
    states, uses, weekends, units = last.shape
    size = uses * weekends * units
    best = np.full(size, FAR, dtype=np.float32)
    where = np.zeros(size, dtype=np.int64)
    for s in range(states):
        if not exits[s]:
            continue
        place = 0
        for c in range(uses):
            for k in range(weekends):
                for m in range(units):
                    if m >= least and last[s, c, k, m] < best[place]:
                        best[place], where[place] = last[s, c, k, m], s
                    place += 1
    found = 0
    for _ in range(count):
        place = int(np.argmin(best))
        if best[place] >= BANNED:
            break
        cells[found, 0] = where[place]
        cells[found, 1] = place // (weekends * units)
        cells[found, 2] = place // units % weekends
        cells[found, 3] = place % units
        best[place] = FAR
        found += 1
    return found
