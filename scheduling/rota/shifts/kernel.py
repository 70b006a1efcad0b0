"""The cheapest lawful rows of one worker over a stretch of days, by dynamic programming.

Compiled loops on arrays; `rows.py` says what goes in and what comes out. A state is how the
day ended (so many days off, or so many days worked and what may follow), uses of capped
shifts (one mixed-radix number), week-ends worked and units of working time. Shifts that the same shifts may follow
share a state, which keeps instances of thirty shifts within reach.
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
`COUNTS` 1 when week-ends must be counted, `USES` the number of combinations of counted uses."""


@compiled
def fill(cost, units, group, before, entry, limits, digits, table):  # type: ignore[no-untyped-def]
    """Fills `table[day, state, uses, week-ends, units]` with the least costs.

    Args:
        cost: days × shifts; `BANNED` or more when the shift is impossible that day.
        units: length of each shift.
        group: state group of each shift.
        before: shifts × groups; True when the shift may follow the group.
        entry: state in which the stretch is entered.
        limits: see `MAX_RUN` and its neighbours.
        digits: 2 × shifts: what one use adds to the number of uses (0 when the shift is not
            counted), and the cap.
        table: scratch, overwritten.
    """
    days, shifts = cost.shape
    groups = before.shape[1]
    run, least_run, off = limits[MAX_RUN], limits[MIN_RUN], limits[MIN_OFF]
    ends, all_uses = limits[WEEKENDS], limits[USES]
    most, first, counts = limits[MOST], limits[FIRST], limits[COUNTS]
    longest = 0
    for t in range(shifts):
        longest = max(longest, units[t])
    table[:] = FAR
    table[0, entry, 0, 0, 0] = 0.0
    source = np.empty(most + 1, dtype=np.float32)
    for d in range(days):
        here, there = table[d], table[d + 1]
        reach = min(most, d * longest)
        weekday = (first + d) % 7
        for c in range(all_uses):
            for k in range(ends + 1):
                for j in range(off):
                    to = min(j + 1, off - 1)
                    for m in range(reach + 1):
                        there[to, c, k, m] = min(there[to, c, k, m], here[j, c, k, m])
                for g in range(groups):
                    for r in range(1, run + 1):
                        if r >= least_run or r == first + d:
                            s = off + g * run + r - 1
                            for m in range(reach + 1):
                                there[0, c, k, m] = min(there[0, c, k, m], here[s, c, k, m])
        for t in range(shifts):
            open_day = cost[d, t] < BANNED
            if not open_day:
                continue
            uses, cap = digits[0, t], digits[1, t]
            for r in range(1, run + 1):
                inc = counts if weekday == 5 or (weekday == 6 and r == 1) else 0
                s = off + group[t] * run + r - 1
                for c in range(all_uses):
                    if uses and c // uses % (cap + 1) == cap:
                        continue
                    for k in range(ends + 1 - inc):
                        stop = min(reach, most - units[t]) + 1
                        if r == 1:
                            for m in range(stop):
                                source[m] = here[off - 1, c, k, m]
                        else:
                            source[:] = FAR
                            for g in range(groups):
                                if before[t, g]:
                                    p = off + g * run + r - 2
                                    for m in range(stop):
                                        source[m] = min(source[m], here[p, c, k, m])
                        for m in range(stop):
                            value = source[m] + cost[d, t]
                            n = m + units[t]
                            if value < there[s, c + uses, k + inc, n]:
                                there[s, c + uses, k + inc, n] = value


@compiled
def trace(cost, units, group, before, limits, digits, table, cell, row):  # type: ignore[no-untyped-def]
    """Walks back from one final cell `(state, uses, week-ends, units)` and writes the row."""
    days, shifts = cost.shape
    groups = before.shape[1]
    run, least_run, off = limits[MAX_RUN], limits[MIN_RUN], limits[MIN_OFF]
    first, counts = limits[FIRST], limits[COUNTS]
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
        weekday = (first + d) % 7
        inc = counts if weekday == 5 or (weekday == 6 and r == 1) else 0
        for t in range(shifts):
            uses, cap = digits[0, t], digits[1, t]
            if group[t] != (s - off) // run or cost[d, t] >= BANNED:
                continue
            if units[t] > m or (uses and c // uses % (cap + 1) == 0) or inc > k:
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
