"""When crews arrive: windows, waits, pauses and the way home."""

from scheduling.dispatch.problem import Break, Window
from scheduling.dispatch.schedule import Scheduler
from tests.scheduling.dispatch.cases import HOUR, MINUTE, crew, visit, world


def test_a_crew_drives_serves_and_comes_home() -> None:
    problem = world([visit("a", 3), visit("b", 5)], [crew("c")])
    route = Scheduler(problem).route("c", ["a", "b"])
    assert [stop.start_at for stop in route.stops] == [30 * MINUTE, 80 * MINUTE]
    assert route.end_at == (80 + 30 + 50) * MINUTE
    assert route.travel_s == 100 * MINUTE
    assert route.distance_m == 100_000


def test_a_crew_waits_for_a_window_to_open() -> None:
    problem = world([visit("a", 3, windows=(Window(HOUR, 2 * HOUR),))], [crew("c")])
    assert Scheduler(problem).route("c", ["a"]).stops[0].start_at == HOUR


def test_a_window_excludes_its_closing_second() -> None:
    problem = world([visit("a", 3, windows=(Window(0, 30 * MINUTE),))], [crew("c")])
    scheduler = Scheduler(problem)
    broken = scheduler.broken(scheduler.route("c", ["a"]))
    assert broken is not None
    assert broken.rule == "window_closed"
    assert broken.params == {"arrive_at": 30 * MINUTE, "closes_at": 30 * MINUTE}


def test_the_second_window_serves_a_crew_that_missed_the_first() -> None:
    openings = (Window(0, 10 * MINUTE), Window(2 * HOUR, 3 * HOUR))
    problem = world([visit("a", 3, windows=openings)], [crew("c")])
    scheduler = Scheduler(problem)
    route = scheduler.route("c", ["a"])
    assert route.stops[0].start_at == 2 * HOUR
    assert scheduler.broken(route) is None


def test_a_pause_is_taken_on_leaving_the_first_place_after_it_opens() -> None:
    lunch = Break(50 * MINUTE, 2 * HOUR, 20 * MINUTE)
    problem = world([visit("a", 3), visit("b", 5)], [crew("c", breaks=(lunch,))])
    route = Scheduler(problem).route("c", ["a", "b"])
    assert [(p.start_at, p.end_at, p.before) for p in route.pauses] == [
        (60 * MINUTE, 80 * MINUTE, 1)
    ]
    assert route.stops[1].depart_at == 80 * MINUTE


def test_a_pause_that_fits_in_a_wait_costs_no_time() -> None:
    lunch = Break(HOUR, 2 * HOUR, 20 * MINUTE)
    opening = (Window(2 * HOUR, 3 * HOUR),)
    problem = world([visit("a", 3, windows=opening)], [crew("c", breaks=(lunch,))])
    route = Scheduler(problem).route("c", ["a"])
    assert route.pauses[0].start_at == HOUR
    assert route.stops[0].start_at == 2 * HOUR


def test_a_pause_is_taken_early_when_the_next_service_would_outlast_it() -> None:
    lunch = Break(HOUR, 90 * MINUTE, 20 * MINUTE)
    long_work = visit("a", 3, duration_s=3 * HOUR)
    route = Scheduler(world([long_work], [crew("c", breaks=(lunch,))])).route("c", ["a"])
    assert route.pauses[0].start_at == HOUR
    assert route.stops[0].depart_at == 80 * MINUTE


def test_a_crew_home_before_its_pause_closes_takes_none() -> None:
    lunch = Break(HOUR, 5 * HOUR, 20 * MINUTE)
    assert (
        Scheduler(world([visit("a", 1)], [crew("c", breaks=(lunch,))])).route("c", ["a"]).pauses
        == ()
    )


def test_an_idle_crew_that_is_out_still_drives_home() -> None:
    problem = world([], [crew("c", 4, end_place=0, is_out=True)])
    route = Scheduler(problem).route("c", [])
    assert (route.end_at, route.travel_s) == (40 * MINUTE, 40 * MINUTE)


def test_ending_after_the_lawful_hour_is_named_with_both_times() -> None:
    late = crew("c", shift_end=HOUR, hard_end=HOUR)
    scheduler = Scheduler(world([visit("a", 3)], [late]))
    broken = scheduler.broken(scheduler.route("c", ["a"]))
    assert broken is not None
    assert (broken.rule, broken.params) == (
        "hard_end",
        {"shift_end": HOUR, "would_end": 90 * MINUTE},
    )
