"""Shift rosters to measure on: files of the Curtois family, and made ones of the same shape."""

from pathlib import Path
from random import Random

from scheduling.rota.shifts.problem import Demand, Request, RosterProblem, Shift, Worker


def read_roster(path: Path) -> RosterProblem:
    """The problem of a file of shift scheduling benchmarks (sections, commas, `#` comments)."""
    sections: dict[str, list[list[str]]] = {}
    name = ""
    for line in path.read_text().splitlines():
        text = line.split("#")[0].strip()
        if text.startswith("SECTION_"):
            name = text
        elif text:
            sections.setdefault(name, []).append([word.strip() for word in text.split(",")])
    away = {words[0]: words[1:] for words in sections.get("SECTION_DAYS_OFF", [])}
    requests = [
        Request(who, int(day), shift, int(weight), wants_shift=wants)
        for section, wants in (("ON", True), ("OFF", False))
        for who, day, shift, weight in sections.get(f"SECTION_SHIFT_{section}_REQUESTS", [])
    ]
    return RosterProblem(
        days=int(sections["SECTION_HORIZON"][0][0]),
        shifts=tuple(
            Shift(words[0], int(words[1]), frozenset(filter(None, "".join(words[2:3]).split("|"))))
            for words in sections["SECTION_SHIFTS"]
        ),
        workers=tuple(
            _worker(words, away.get(words[0], [])) for words in sections["SECTION_STAFF"]
        ),
        demands=tuple(
            Demand(int(day), shift, int(need), int(under), int(over))
            for day, shift, need, under, over in sections.get("SECTION_COVER", [])
        ),
        requests=tuple(requests),
    )


def _worker(words: list[str], away: list[str]) -> Worker:
    caps = dict(part.split("=") for part in words[1].split("|") if part)
    most, least, run, short_run, off, weekends = map(int, words[2:8])
    return Worker(
        id=words[0],
        caps={shift: int(cap) for shift, cap in caps.items()},
        max_minutes=most,
        min_minutes=least,
        max_run=run,
        min_run=short_run,
        min_off=off,
        max_weekends=weekends,
        days_off=frozenset(int(day) for day in away if day),
    )


def make_roster(seed: int, workers: int, weeks: int, kinds: int) -> RosterProblem:
    """A synthetic instance of the family, so that sizes without a file can be measured.

    Contracts, requests and cover are drawn like those of the published instances; nothing is
    known about its best cost.
    """
    chance = Random(seed)
    days = 7 * weeks
    shifts = []
    for number in range(kinds):
        later = frozenset(f"s{other}" for other in range(number - number % 3))
        shifts.append(Shift(f"s{number}", chance.choice([480, 480, 600, 720]), later))
    staff = [_made_worker(chance, number, shifts, days) for number in range(workers)]
    present = workers * 0.62 / kinds
    demands = [
        Demand(day, shift.id, max(0, round(chance.gauss(present, present / 4))), 100, 1)
        for day in range(days)
        for shift in shifts
    ]
    requests = [
        Request(f"w{who}", day, shift.id, chance.randint(1, 3), wants_shift=wants)
        for who in range(workers)
        for _ in range(max(1, weeks // 2))
        for wants, shift in [(chance.random() < 0.5, chance.choice(shifts))]
        for start in [chance.randrange(days)]
        for day in range(start, min(days, start + chance.randint(1, 4)))
    ]
    unique = {(one.worker_id, one.day, one.shift_id): one for one in requests}
    return RosterProblem(days, tuple(shifts), tuple(staff), tuple(demands), tuple(unique.values()))


def _made_worker(chance: Random, number: int, shifts: list[Shift], days: int) -> Worker:
    share = chance.choice([1.0, 1.0, 1.0, 0.5])
    weeks = days // 7
    skilled = chance.sample(shifts, max(1, round(len(shifts) * chance.uniform(0.4, 0.9))))
    usual = round(1_980 * weeks * share) // 60 * 60
    return Worker(
        id=f"w{number}",
        caps={s.id: days if s in skilled else 0 for s in shifts},
        max_minutes=usual + 135 * weeks,
        min_minutes=usual - 135 * weeks,
        max_run=chance.choice([5, 5, 6]),
        min_run=2 if share == 1.0 else 1,
        min_off=chance.choice([2, 2, 3]),
        max_weekends=max(1, weeks // 2),
        days_off=frozenset(chance.sample(range(days), max(1, days // 20))),
    )
