"""Cheapest rows of all workers when minutes, week-ends and uses are priced: compiled loops.

A state is how the day ended: so many days off, or so many days worked and what may follow (see
`kernel.py`, which counts what is priced here).
"""

from __future__ import annotations

import numpy as np

from scheduling.dispatch.jit import compiled

FAR = 1e15
"""Cost of what is impossible; real costs stay far below."""


@compiled
def rows(given, limits, prices, found):  # type: ignore[no-untyped-def]
    """The sum of the cheapest rows of all workers; adds what they hold to the tallies.

    Args:
        given: a tuple of: requests (workers × days × shifts), banned (the same), minutes and
            state group of each shift, before (shifts × groups; True when the shift may follow).
        limits: workers × (longest run, shortest run, fewest days off in a row).
        prices: a tuple of: cover (days × shifts, earned by working), work (of a minute of each
            worker), ends (of a week-end), uses (workers × shifts).
        found: tallies to add to: present (days × shifts), counts (workers × (minutes,
            week-ends)), used (workers × shifts).
    """
    requests, banned, minutes, group, before = given
    cover, work, ends, uses = prices
    present, counts, used = found
    days, shifts = cover.shape
    cost, row = np.empty((days, shifts)), np.empty(days, dtype=np.int64)
    total = 0.0
    for worker in range(limits.shape[0]):
        for d in range(days):
            for t in range(shifts):
                price = requests[worker, d, t] - cover[d, t]
                price += work[worker] * minutes[t] + uses[worker, t]
                cost[d, t] = FAR if banned[worker, d, t] else price
        tables = cost, group, before, ends[worker]
        total += cheapest(tables, limits[worker], row)  # type: ignore[no-untyped-call]
        for d in range(days):
            t = row[d]
            if t >= 0:
                present[d, t] += 1
                used[worker, t] += 1
                counts[worker, 0] += minutes[t]
                if d % 7 == 5 or (d % 7 == 6 and row[d - 1] < 0):
                    counts[worker, 1] += 1
    return total


@compiled
def cheapest(tables, limits, row):  # type: ignore[no-untyped-def]  # noqa: C901
    """The least cost of a row, written to `row` (−1 is a day off)."""
    cost, group, before, end = tables
    run, least, off = limits
    days, shifts = cost.shape
    groups = before.shape[1]
    states = off + groups * run
    here, there = np.full(states, FAR), np.empty(states)
    came, shift = np.empty((days, states), dtype=np.int64), np.empty((days, states), dtype=np.int64)
    here[off - 1] = 0.0
    for d in range(days):
        there[:] = FAR
        for s in range(states):
            # A run that touches the first day is never too short.
            if s >= off and (s - off) % run + 1 < least and (s - off) % run + 1 != d:
                continue
            to = min(s + 1, off - 1) if s < off else 0
            if here[s] < there[to]:
                there[to], came[d, to], shift[d, to] = here[s], s, -1
        for t in range(shifts):
            if cost[d, t] >= FAR:
                continue
            for r in range(1, run + 1):
                price = cost[d, t]
                if d % 7 == 5 or (d % 7 == 6 and r == 1):
                    price += end
                to = off + group[t] * run + r - 1
                for g in range(groups if r > 1 else 1):
                    if r == 1 or before[t, g]:
                        s = off - 1 if r == 1 else off + g * run + r - 2
                        if here[s] + price < there[to]:
                            there[to], came[d, to], shift[d, to] = here[s] + price, s, t
        here[:] = there
    s = int(np.argmin(here))
    value = here[s]
    for d in range(days - 1, -1, -1):
        row[d], s = shift[d, s], came[d, s]
    return value
