"""Cheapest rows of all workers when minutes, week-ends and uses are priced: compiled loops.

A state is how the day ended: so many days off, or so many days worked and what may follow (see
`kernel.py`, which counts what is priced here).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scheduling.dispatch.jit import compiled
from scheduling.rota.shifts.kernel import Flags, Ints

Reals = npt.NDArray[np.float64]

FAR = 1e15
"""Cost of what is impossible; real costs stay far below."""


@compiled
def rows(
    given: tuple[Reals, Flags, Ints, Ints, Flags],
    limits: Ints,
    prices: tuple[Reals, Reals, Reals, Reals],
    found: tuple[Ints, Ints, Ints],
) -> float:
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
        total += cheapest(tables, limits[worker], row)
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
def cheapest(tables: tuple[Reals, Ints, Flags, float], limits: Ints, row: Ints) -> float:
    """The least cost of a row, written to `row` (−1 is a day off).

    Args:
        tables: a tuple of: cost (days × shifts; `FAR` or more when impossible that day), state
            group of each shift, before (shifts × groups), price of a week-end.
        limits: longest run, shortest run, fewest days off in a row.
        row: overwritten.
    """
    days, off = tables[0].shape[0], limits[2]
    states = off + tables[2].shape[1] * limits[0]
    best = np.full((days + 1, states), FAR)
    came = np.empty((days, states), dtype=np.int64)
    shift = np.empty((days, states), dtype=np.int64)
    best[0, off - 1] = 0.0
    for d in range(days):
        rest(d, limits, (best, came, shift))
        work(d, tables, limits, (best, came, shift))
    s = int(np.argmin(best[days]))
    value = float(best[days, s])
    for d in range(days - 1, -1, -1):
        row[d], s = shift[d, s], came[d, s]
    return value


@compiled
def rest(d: int, limits: Ints, found: tuple[Reals, Ints, Ints]) -> None:
    """One more day off, from every state that may end a run."""
    run, least, off = limits
    best, came, shift = found
    for s in range(best.shape[1]):
        length = (s - off) % run + 1
        # A run that touches the first day is never too short.
        if s >= off and length < least and length != d:
            continue
        to = min(s + 1, off - 1) if s < off else 0
        if best[d, s] < best[d + 1, to]:
            best[d + 1, to], came[d, to], shift[d, to] = best[d, s], s, -1


@compiled
def work(
    d: int,
    tables: tuple[Reals, Ints, Flags, float],
    limits: Ints,
    found: tuple[Reals, Ints, Ints],
) -> None:
    """One day worked, from rest or from any group that the shift may follow."""
    cost, group, before, end = tables
    run, off = limits[0], limits[2]
    best, came, shift = found
    for t in range(cost.shape[1]):
        if cost[d, t] >= FAR:
            continue
        for r in range(1, run + 1):
            begins = d % 7 == 5 or (d % 7 == 6 and r == 1)
            price = cost[d, t] + (end if begins else 0.0)
            to = off + group[t] * run + r - 1
            for g in range(before.shape[1] if r > 1 else 1):
                if r > 1 and not before[t, g]:
                    continue
                s = off - 1 if r == 1 else off + g * run + r - 2
                if best[d, s] + price < best[d + 1, to]:
                    best[d + 1, to], came[d, to], shift[d, to] = best[d, s] + price, s, t
