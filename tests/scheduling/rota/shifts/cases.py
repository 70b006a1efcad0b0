"""Small shift rosters: random contracts over three weeks."""

from random import Random

from scheduling.rota.shifts.problem import Demand, Request, RosterProblem, Shift, Worker

SHIFTS = (
    Shift("E", 480),
    Shift("D", 480, frozenset({"E"})),
    Shift("N", 600, frozenset({"E", "D"})),
)


def random_roster(seed: int, workers: int = 4, weeks: int = 3) -> RosterProblem:
    chance = Random(seed)
    days = 7 * weeks
    staff = tuple(
        Worker(
            id=f"w{number}",
            caps={"N": chance.choice([0, 2, 3, days]), "D": chance.choice([4, 6, days])},
            max_minutes=480 * (4 * weeks + chance.randrange(2)),
            min_minutes=480 * (3 * weeks - chance.randrange(3)),
            max_run=chance.choice([4, 5, 6]),
            min_run=chance.choice([1, 2]),
            min_off=chance.choice([1, 2, 3]),
            max_weekends=chance.choice([1, 2, weeks]),
            days_off=frozenset(chance.sample(range(days), 2)),
        )
        for number in range(workers)
    )
    demands = tuple(
        Demand(day, shift.id, chance.randrange(3), 100, 1)
        for day in range(days)
        for shift in SHIFTS
    )
    requests = tuple(
        Request(f"w{n}", day, chance.choice("EDN"), chance.randint(1, 3), chance.random() < 0.5)
        for n in range(workers)
        for day in chance.sample(range(days), 3)
    )
    return RosterProblem(days, SHIFTS, staff, demands, requests)
