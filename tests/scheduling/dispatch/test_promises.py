"""Windows that hold although plans change: the reach learned, and what it promises."""

from collections.abc import Callable
from math import hypot

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.dispatch.promises import (
    DRIFT,
    FARTHEST,
    GUESS,
    GUESS_LEFT,
    LEFT,
    NARROWEST,
    OWN_ARRIVALS,
    Held,
    Reaches,
    kind_of,
    learn_reaches,
    scale_of,
)

Draw = np.random.Generator


def test_before_any_arrival_the_stated_guess_holds() -> None:
    known = learn_reaches([])
    for kind, guess in (("soon", GUESS), ("far", GUESS), (LEFT, GUESS_LEFT)):
        reach = known.of(kind, "P1")
        assert (reach.early, reach.late, reach.arrivals) == (*guess, 0)


@pytest.mark.parametrize(
    ("lead_s", "kind"),
    [(-60, "soon"), (1799, "soon"), (1800, "hour"), (3600, "later"), (7200, "distant"),
     (14_400, "far")],
)  # fmt: skip
def test_a_window_is_of_a_kind_by_how_far_ahead_it_lies(lead_s: float, kind: str) -> None:
    assert kind_of(lead_s) == kind


def test_the_scale_grows_with_the_time_ahead_until_the_crew_has_left() -> None:
    assert scale_of("far", 600, 0) == 600
    assert scale_of("far", 600, 10_000) == pytest.approx(hypot(600, 10_000 * DRIFT))
    assert scale_of(LEFT, 600, 10_000) == 600
    assert scale_of("soon", 0, -500) == 150, "never without width"


def _plan(draw: Draw) -> float:
    """Where an arrival falls when calls to come push it back: skewed, now and then far out."""
    pushed = draw.exponential(1.2) if draw.random() < 0.5 else 0.0
    return float(draw.normal(0.1, 0.4) + pushed)


def _near(draw: Draw) -> float:
    return float(draw.normal(0.8, 0.5))


def _coverage(known: Reaches, kind: str, level: str, world: Callable[[Draw], float]) -> float:
    draw, reach = np.random.default_rng(99), known.of(kind, level)
    return float(np.mean([reach.early <= world(draw) <= reach.late for _ in range(4000)]))


def test_eight_in_ten_hold_at_every_distance_whatever_the_model_left_out() -> None:
    draw = np.random.default_rng(1)
    worlds = {"soon": _near, "later": _plan, "far": lambda d: 2 * _plan(d)}
    held = [Held(kind, "P3", world(draw)) for kind, world in worlds.items() for _ in range(2000)]
    known = learn_reaches(held)
    for kind, world in worlds.items():
        assert _coverage(known, kind, "P3", world) == pytest.approx(0.8, abs=0.04)
    far, soon = known.of("far", "P3"), known.of("soon", "P3")
    assert far.late - far.early > 2 * (soon.late - soon.early)


def test_a_class_with_its_own_fate_gets_its_own_window_once_it_is_known() -> None:
    draw = np.random.default_rng(2)
    held = [Held("later", "P1", float(draw.normal(0, 0.3))) for _ in range(150)]
    held += [Held("later", "P4", float(draw.normal(1.5, 1.2))) for _ in range(150)]
    known = learn_reaches(held)

    assert known.of("later", "P1").late < 1.0 < known.of("later", "P4").late
    assert _coverage(known, "later", "P4", lambda d: d.normal(1.5, 1.2)) > 0.74
    unseen = known.of("later", "P2")
    assert unseen == known.of("later", ""), "a class not seen yet goes with its kind"
    assert known.of("hour", "P1") == known.groups[()], "a kind not seen yet goes with all"


def test_few_arrivals_stay_near_the_guess() -> None:
    thin = learn_reaches([Held("soon", "P2", 3.0)] * (OWN_ARRIVALS - 1))
    some = learn_reaches([Held("soon", "P2", 3.0)] * OWN_ARRIVALS)
    assert thin.groups == {}
    assert GUESS[1] < some.of("soon", "P2").late < 3.0


def test_crews_on_their_way_teach_nothing_of_plans_and_the_other_way_round() -> None:
    known = learn_reaches([Held(LEFT, "P1", 0.1)] * 50)
    assert () not in known.groups
    assert known.of("far", "P1").late == GUESS[1]
    plans = learn_reaches([Held("far", "P1", 3.0)] * 50)
    assert plans.of(LEFT, "P1").late == GUESS_LEFT[1]


@given(
    st.lists(
        st.builds(
            Held,
            st.sampled_from(("soon", "hour", "far", LEFT)),
            st.sampled_from(("P1", "P4")),
            st.floats(-1e6, 1e6),
        ),
        max_size=80,
    )
)
def test_a_window_always_has_width_and_an_end(held: list[Held]) -> None:
    known = learn_reaches(held)
    for kind in ("soon", "distant", LEFT):
        for level in ("P1", "P2"):
            reach = known.of(kind, level)
            assert -FARTHEST <= reach.early <= FARTHEST
            assert NARROWEST - 1e-9 <= reach.late - reach.early <= 2 * FARTHEST


def test_the_same_computed_window_is_told_narrower_as_it_comes_nearer() -> None:
    known, widths = learn_reaches([]), []
    for lead_s in range(4 * 3600, 0, -600):
        kind = kind_of(lead_s)
        reach = known.of(kind, "P3")
        widths.append((reach.late - reach.early) * scale_of(kind, 300, lead_s))
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] < widths[0] / 10
