"""Routes seen in different plans are put together without a visit served twice."""

from scheduling.dispatch.arrays import tables
from scheduling.dispatch.partition import POOL_AT_MOST, Pool, recombine
from tests.scheduling.dispatch.cases import crew, visit, world


def test_the_good_halves_of_two_plans_make_a_better_one() -> None:
    visits = [visit("a", 1), visit("b", 2), visit("c", 18), visit("d", 19)]
    known = tables(world(visits, [crew("left", 0), crew("right", 19)]))
    pool = Pool()
    pool.add([(0, 1), (3, 0, 2)])
    pool.add([(2, 0), (2, 3)])
    found = recombine(known, pool, [(0, 2), (1, 3)], 5.0, seed=1)
    assert found.routes == ((0, 1), (2, 3))
    assert found.is_proven


def test_the_incumbent_stays_when_nothing_is_better() -> None:
    known = tables(world([visit("a", 1)], [crew("near", 0), crew("far", 19)]))
    pool = Pool()
    pool.add([(), (0,)])
    assert recombine(known, pool, [(0,), ()], 5.0, seed=1).routes == ((0,), ())


def test_an_empty_plan_is_a_plan() -> None:
    known = tables(world([], [crew("k")]))
    assert recombine(known, Pool(), [()], 5.0, seed=1).routes == ((),)


def test_a_full_pool_forgets_its_oldest_routes() -> None:
    pool = Pool()
    for number in range(POOL_AT_MOST + 10):
        pool.add([(number,)])
    assert len(pool) == POOL_AT_MOST
    assert (0, (0,)) not in pool.columns()
