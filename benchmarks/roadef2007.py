"""ROADEF 2007 technicians and interventions: cost after a minute against best known.

``python -m benchmarks.roadef2007 --instance DIR --seconds S [--seed N] [--out DIR]``; the folder
holds ``instance``, ``interv_list`` and ``tech_list`` (or folders that do). ``--out`` gets
``interv_dates`` (job, day, start within the day, team) and ``tech_teams`` (day, then the people of
each team, team 0 first: those who are off). Every plan is checked by code that shares nothing with
the search.
"""

import re
from pathlib import Path
from time import process_time

from benchmarks._results import arguments, instances_at, say
from scheduling.teams.check import check
from scheduling.teams.problem import DAY_LENGTH, Job, TeamsPlan, TeamsProblem, Technician
from scheduling.teams.search import solve, warm_up

BEST_KNOWN = {
    "A": (2340, 4755, 11880, 13452, 28845, 18795, 30540, 16920, 27348, 38296),
    "B": (33900, 15870, 16005, 23775, 88680, 26955, 31620, 33030, 28080, 34680),
}
SECONDS = 60.0
INSTANCES = Path(__file__).parent / "instances" / "roadef2007"
NEEDS = "folders of the ROADEF 2007 challenge (each with instance, interv_list and tech_list)"


def read(folder: Path) -> TeamsProblem:
    """The problem of an instance folder."""
    header = (folder / "instance").read_text().splitlines()
    named = dict(zip(header[0].split(), header[1].split(), strict=True))
    domains, levels = int(named["domains"]), int(named["level"])
    jobs = []
    for line in _rows(folder / "interv_list"):
        first, before, rest = _split(line)
        priority, price, *needs = rest
        number, duration = first
        jobs.append(
            Job(number, duration, before, priority, price, tuple(needs[: domains * levels]))
        )
    people = []
    for line in _rows(folder / "tech_list"):
        first, days, _ = _split(line)
        people.append(Technician(first[0], tuple(first[1:]), frozenset(days)))
    return TeamsProblem(tuple(jobs), tuple(people), levels, int(named["abandon"]))


def _rows(path: Path) -> list[str]:
    return [line for line in path.read_text().splitlines()[1:] if line.strip()]


def _split(line: str) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Numbers before, inside and after the brackets."""
    before, _, rest = line.partition("[")
    inside, _, after = rest.partition("]")
    first, second, third = (
        tuple(int(word) for word in re.findall(r"-?\d+", part)) for part in (before, inside, after)
    )
    return first, second, third


def write(folder: Path, plan: TeamsPlan) -> None:
    """The two files of the challenge."""
    folder.mkdir(parents=True, exist_ok=True)
    dates = [f"{p.job} {p.day} {p.start % DAY_LENGTH} {p.team}" for p in plan.placements]
    (folder / "interv_dates").write_text("\n".join(dates) + "\n")
    teams = [
        " ".join([str(day), *("[ " + " ".join(map(str, [*team, "]"])) for team in teams)])
        for day, teams in enumerate(plan.teams, start=1)
    ]
    (folder / "tech_teams").write_text("\n".join(teams) + "\n")


def best_known(folder: Path) -> int | None:
    """Best cost published for an instance of set A (``dataN``) or B (``dataNB`` or a B folder)."""
    name = re.search(r"(?:data|test)?([AB]?)(\d+)([AB]?)$", folder.name)
    header = (folder / "instance").read_text().splitlines()[1].split()[0]
    if name is None or not 1 <= int(name[2]) <= 10:
        return None
    letters = name[1] + name[3] + "".join(re.findall(r"[ABX]$", header))
    letter = letters[:1] or ("B" if folder.parent.name.upper().endswith("B") else "A")
    known = BEST_KNOWN.get(letter)
    return None if known is None else known[int(name[2]) - 1]


def report(folder: Path, seconds: float, seed: int, out: Path | None) -> None:
    """Solve, check, write and print one instance."""
    began = process_time()
    problem = read(folder)
    left = seconds - (process_time() - began)
    found = solve(problem, left, seed, process_time)
    took = process_time() - began
    breaches = check(problem, found.plan)
    if out is not None:
        write(out, found.plan)
    known = best_known(folder)
    say(
        "roadef2007",
        instance=folder.name,
        jobs=len(problem.jobs),
        technicians=len(problem.technicians),
        seconds=seconds,
        seed=seed,
        cost=found.cost,
        outsourced=len(found.plan.outsourced),
        hard_violations=len(breaches),
        breaches=breaches[:5],
        best_known=known,
        gap_percent=None if known is None else round((found.cost / known - 1) * 100, 2),
        rounds=found.rounds,
        cpu_s=round(took, 2),
    )


def main() -> None:
    """Print the figures."""
    asked = arguments(__doc__, "seconds", "out")
    instance = instances_at("roadef2007", asked.instance, INSTANCES, NEEDS)
    if instance is None:
        return
    is_one = (instance / "instance").exists()
    folders = [instance] if is_one else sorted(p.parent for p in instance.glob("*/instance"))
    if not folders:
        say("roadef2007", missing=f"{instance.name}/*/instance", needs=NEEDS)
        raise SystemExit(2)
    seconds = asked.seconds or SECONDS
    warm_up()
    for folder in folders:
        out = asked.out if is_one or asked.out is None else asked.out / folder.name
        report(folder, seconds, asked.seed, out)


if __name__ == "__main__":
    main()
