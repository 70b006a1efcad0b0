"""Cost on 200 crews and 3,000 visits against VROOM on the same processor time.

``python -m benchmarks.scale [--seconds S] [--seed N]``; prints one JSON line. With ``--instance`` a
live-dispatch file of any size is solved instead.
"""

import json
from time import process_time

from benchmarks._evaluate import judge
from benchmarks._instances import live_case, live_problem, make_live, numbered
from benchmarks._results import arguments, say
from benchmarks._rivals import run_rival
from scheduling.dispatch.improve import Effort, find_routes
from scheduling.dispatch.warm import warm_up

CREWS, VISITS = 200, 3000
SECONDS = 20.0


def main() -> None:
    """Print the figures."""
    asked = arguments(__doc__, "seconds")
    seconds = asked.seconds or SECONDS
    warm_up()
    if asked.instance is None:
        problem = make_live(asked.seed, visits=VISITS, crews=CREWS, depots=20)
        case = live_case(problem)
    else:
        case = json.loads(asked.instance.read_text())
        problem = live_problem(case)
    began = process_time()
    found = find_routes(problem, Effort(seconds=seconds, seed=asked.seed), process_time)
    took = process_time() - began
    mine = judge(case, numbered(found.routes))
    other = run_rival("vroom", problem, seconds)
    theirs = min(judge(case, routes).cost for routes in other.routes)
    say(
        "scale",
        crews=len(problem.crews),
        visits=len(problem.visits),
        seconds=seconds,
        cpu_s=round(took, 2),
        iterations=found.iterations,
        cost=mine.cost,
        unserved=mine.unserved,
        hard_violations=mine.hard_violations,
        peers={"vroom": theirs},
        vroom_cpu_s=round(sum(other.took_s), 1),
        ratio_to_vroom=round(mine.cost / theirs, 4),
    )


if __name__ == "__main__":
    main()
