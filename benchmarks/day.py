"""A simulated day against the best plan in hindsight, with and without learned times on site.

``python -m benchmarks.day [--seconds S] [--seed N]`` plays days of 24 crews and 110 visits, 16 of
them called in during the day; drives and times on site differ from what is planned, the latter by
kind of work too. Each new plan takes S processor seconds (0.3). The service plans with the times on
site that 600 finished visits of the same world teach, wants crews home early while much may still
happen (`scheduling.dispatch.slack`), and with prices of change that fade the farther ahead a visit
is: `service`. The others leave one of these out, to see what it is worth: the `catalogue`'s times,
crews wanted home when their shift ends (`late_home`), prices that do not fade (`firm`); or every
change is free (`unpriced`), to see what kept promises cost; or the true times on site are known,
with the service's prices and with none (`exact`, `exact_unpriced`), to see what not knowing them
costs. Hindsight knows all calls, drives and times in the morning, and starts nothing before its
call. Goal: cost at most 1.15 of hindsight's, late visits at most 1.5 times as many. Prints one JSON
line for each seed, and one for all.
"""

from collections.abc import Callable
from time import process_time

import numpy as np

from benchmarks._day import WORKS, Day, Routes, Truth, judge_day, kind_of, make_day
from benchmarks._results import arguments, say
from dispatcher.travel.learned import PLANNED, Learned
from scheduling.dispatch.eta import Job, learn_durations
from scheduling.dispatch.improve import Effort, find_routes
from scheduling.dispatch.problem import FADING, FREE, Prices, Visit
from scheduling.dispatch.slack import SLACK_S
from scheduling.dispatch.warm import warm_up

SEEDS = (501, 502)
SECONDS = 0.3
HINDSIGHT_S = 3.0
PAST = 600


def taught(truth: Truth, seed: int) -> Learned:
    """What finished visits of the same world have taught."""
    draw = np.random.default_rng(seed + 20_000)
    kinds = sorted(truth.kinds)
    jobs = []
    for _ in range(PAST):
        kind = str(draw.choice(kinds))
        ratio = truth.kinds[kind] * draw.lognormal(-(WORKS**2) / 2, WORKS)
        jobs.append(Job(kind, "new", round(PLANNED * ratio)))
    return Learned(works=learn_durations(jobs))


def in_hindsight(truth: Truth, starts: list[Routes]) -> Routes:
    """The best routes found by one who knew, from each of the days as played."""
    world, best = truth.hindsight(), min(starts, key=lambda one: judge_day(truth, one).cost)
    for number, start in enumerate([None, best]):
        effort = Effort(seconds=HINDSIGHT_S, seed=number + 1, start=start)
        routes = [list(one) for one in find_routes(world, effort, process_time).routes]
        best = min((best, routes), key=lambda one: judge_day(truth, one).cost)
    return best


def one_day(seed: int, seconds: float) -> dict[str, dict[str, float]]:
    """Figures of one day by way of planning."""
    truth = make_day(seed)
    known = taught(truth, seed)

    def learned(visit: Visit) -> int:
        return known.lasting(kind_of(visit), visit.duration_s).seconds

    def exact(visit: Visit) -> int:
        return truth.work_s[visit.id]

    ways: dict[str, tuple[Callable[[Visit], int], Prices, int]] = {
        "service": (learned, FADING, SLACK_S),
        "catalogue": (lambda visit: visit.duration_s, FADING, SLACK_S),
        "late_home": (learned, FADING, 0),
        "firm": (learned, Prices(), SLACK_S),
        "unpriced": (learned, FREE, SLACK_S),
        "exact": (exact, FADING, SLACK_S),
        "exact_unpriced": (exact, FREE, 0),
    }
    figures, played = {}, []
    for name, (lasts, prices, slack_s) in ways.items():
        day = Day(truth, lasts, seconds, process_time, prices, slack_s)
        played.append(day.play())
        off = [day.starts[v] - day.first[v] for v in day.starts]
        figures[name] = _figures(truth, played[-1]) | {
            "start_off_min": float(np.mean(np.abs(off))) / 60,
            "behind_plan_min": float(np.mean(off)) / 60,
        }
    figures["hindsight"] = _figures(truth, in_hindsight(truth, played))
    best = figures["hindsight"]
    for name in ways:
        figures[name]["cost_ratio"] = figures[name]["cost"] / best["cost"]
        figures[name]["late_ratio"] = figures[name]["late"] / max(best["late"], 1)
    return figures


def _figures(truth: Truth, routes: Routes) -> dict[str, float]:
    found = judge_day(truth, routes)
    return {
        "cost": found.cost,
        "late": found.late,
        "late_min": found.late_min,
        "unserved": found.unserved,
        "overtime_min": found.overtime_min,
    }


def _rounded(figures: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    return {way: {n: round(x, 3) for n, x in one.items()} for way, one in figures.items()}


def main() -> None:
    """Print the figures."""
    asked = arguments(__doc__, "seconds")
    seconds = asked.seconds or SECONDS
    warm_up()
    seeds = SEEDS if asked.seed == 1 else (asked.seed,)
    days = []
    for seed in seeds:
        days.append(one_day(seed, seconds))
        say("day", seed=seed, seconds=seconds, **_rounded(days[-1]))
    if len(days) > 1:
        mean = {
            way: {name: float(np.mean([day[way][name] for day in days])) for name in days[0][way]}
            for way in days[0]
        }
        goals = {"cost_ratio": 1.15, "late_ratio": 1.5}
        say("day", days=len(days), seconds=seconds, goals=goals, **_rounded(mean))


if __name__ == "__main__":
    main()
