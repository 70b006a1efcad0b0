"""Which jobs to give to contractors within the budget: the most work freed, by CP-SAT.

Refuses to know when anything is done; the value of a job is the working time it binds.
"""

from collections.abc import Sequence

from ortools.sat.python import cp_model

from scheduling.teams.problem import TeamsProblem


def work_of(problem: TeamsProblem) -> list[int]:
    """Units of people's time each job binds at least: duration × people of its largest need."""
    return [job.duration * max(job.needs, default=0) for job in problem.jobs]


def outsourced(
    problem: TeamsProblem, values: Sequence[int], seconds: float, seed: int
) -> frozenset[int]:
    """Numbers of the jobs whose giving away is worth most within the budget.

    Args:
        problem: the question.
        values: worth of giving each job away, ≥ 0.
        seconds: limit of the search.
        seed: names the run.
    """
    if problem.budget <= 0:
        return frozenset()
    model = cp_model.CpModel()
    gone = {job.number: model.new_bool_var(f"j{job.number}") for job in problem.jobs}
    model.add(sum(job.price * gone[job.number] for job in problem.jobs) <= problem.budget)
    for job in problem.jobs:
        for other in job.before:
            # Nobody waits for a contractor: what follows is given away too.
            model.add_implication(gone[other], gone[job.number])
    model.maximize(sum(v * gone[j.number] for v, j in zip(values, problem.jobs, strict=True)))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed
    solver.parameters.max_time_in_seconds = seconds
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return frozenset()
    return frozenset(number for number, chosen in gone.items() if solver.boolean_value(chosen))
