"""Travel estimates without a road network."""

import numpy as np
import pytest

from scheduling.dispatch.travel import Factors, GreatCircle, Point

TULLE, BRIVE, USSEL = Point(45.267, 1.771), Point(45.159, 1.533), Point(45.548, 2.309)


def test_a_row_is_the_row_of_the_matrix() -> None:
    points = [TULLE, BRIVE, USSEL]
    times = GreatCircle()
    seconds, metres = times.row(BRIVE, points)
    assert seconds.tolist() == times.matrix(points).seconds[1].tolist()
    assert metres.tolist() == times.matrix(points).metres[1].tolist()


def test_twin_places_are_no_distance_apart_even_with_a_stop_time() -> None:
    times = GreatCircle(Factors(stop_s=120))
    matrix = times.matrix([TULLE, TULLE, BRIVE])
    assert matrix.seconds[0, 1] == 0
    assert matrix.seconds[0, 2] == GreatCircle().matrix([TULLE, BRIVE]).seconds[0, 1] + 120


def test_a_quarter_of_the_equator_is_a_quarter_of_the_circumference() -> None:
    metres = GreatCircle(Factors(detour=1.0)).matrix([Point(0, 0), Point(0, 90)]).metres[0, 1]
    assert metres == pytest.approx(np.pi / 2 * 6_371_008.8, abs=1)


def test_no_points_make_an_empty_matrix() -> None:
    assert len(GreatCircle().matrix([])) == 0


def test_a_road_is_never_shorter_than_the_flight() -> None:
    with pytest.raises(ValueError, match="detour"):
        Factors(detour=0.9)
