"""Road networks from the two real files: what comes out, how it is kept, what is refused."""

import json
import math
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from dispatcher.cli import cli
from dispatcher.errors import InvalidInput
from dispatcher.travel.compiling import compile_file
from dispatcher.travel.listed import compile_listed
from dispatcher.travel.osm import BEND_M, compile_roads
from dispatcher.travel.roads import Rights, Roads, load, save
from scheduling.dispatch.roads import FAR, RoadTimes
from scheduling.dispatch.travel import GreatCircle, Point
from tests.support.project import ROOT

FOLDER = ROOT / "tests" / "fixtures" / "roads"
PBF, EDGES = FOLDER / "andorra.osm.pbf", FOLDER / "routes-saint-germain-edges.csv"
NOW = datetime(2026, 11, 26, tzinfo=UTC)
ANDORRA_LA_VELLA, PAS_DE_LA_CASA = Point(42.5063, 1.5218), Point(42.5425, 1.7336)
SAINT_GERMAIN, POISSY = Point(48.8985, 2.0935), Point(48.9285, 2.0445)


@pytest.fixture(scope="module")
def andorra() -> Roads:
    return compile_roads(PBF, NOW)


@pytest.fixture(scope="module")
def yvelines() -> Roads:
    return compile_listed(EDGES, NOW, Rights("2022-12-18"))


def drive(roads: Roads, start: Point, end: Point) -> tuple[float, float]:
    times = RoadTimes(roads.graph)
    here, there = times.snapped(start), times.snapped(end)
    assert here is not None
    assert there is not None
    seconds, metres = times.row(here, [there])
    assert (int(seconds[0]), int(metres[0])) == tuple(
        int(x[0]) for x in times.column([here], there)
    )
    return seconds[0] / 60, metres[0] / 1000


@pytest.mark.parametrize("name", ["andorra", "yvelines"])
def test_one_can_drive_from_every_node_to_every_node(
    name: str, request: pytest.FixtureRequest
) -> None:
    graph = request.getfixturevalue(name).graph
    everybody = np.arange(len(graph), dtype=np.int32)

    for node in (0, len(graph) // 2, len(graph) - 1):
        for times, metres in (graph.from_node(node, everybody), graph.to_node(node, everybody)):
            assert int(times.max()) < FAR
            assert int((times == 0).sum()) == 1
            assert int(metres.min()) == 0


def test_andorra_is_crossed_in_a_credible_time(andorra: Roads) -> None:
    minutes, km = drive(andorra, ANDORRA_LA_VELLA, PAS_DE_LA_CASA)

    # By the CG-2 and the pass or the tunnel: about 30 km and 40 minutes.
    assert 26 < km < 34
    assert 28 < minutes < 50
    flight = GreatCircle().matrix([ANDORRA_LA_VELLA, PAS_DE_LA_CASA])
    assert km > 1.25 * flight.metres[0, 1] / 1000 / 1.35


def test_a_french_town_is_crossed_in_a_credible_time(yvelines: Roads) -> None:
    minutes, km = drive(yvelines, SAINT_GERMAIN, POISSY)

    assert 4.5 < km < 8
    assert 6 < minutes < 18


def test_no_road_is_faster_than_the_motorway_nor_shorter_than_the_flight(andorra: Roads) -> None:
    graph = andorra.graph
    tail = np.repeat(np.arange(len(graph)), np.diff(graph.first))
    kmh = graph.length_dm / 10 / (graph.time_ds / 10) * 3.6
    north = np.radians(graph.lat[tail] - graph.lat[graph.head])
    east = np.radians(graph.lon[tail] - graph.lon[graph.head]) * math.cos(math.radians(42.5))
    flight_m = np.hypot(north, east) * 6_371_009

    assert float(kmh[graph.length_dm > 1000].max()) <= 106
    assert (graph.length_dm / 10 + 1 >= flight_m * 0.999).all()
    # Bends are nodes too: no farm along a long road is far from one.
    assert float(np.quantile(flight_m, 0.99)) < 2 * BEND_M


def test_what_lies_apart_is_left_out_and_counted(andorra: Roads) -> None:
    assert andorra.origin.left_out > 0
    assert andorra.origin.nodes == len(andorra.graph) > 2000
    assert andorra.origin.arcs == len(andorra.graph.head)


def test_where_it_comes_from_is_kept_in_the_file(andorra: Roads, tmp_path: Path) -> None:
    file = tmp_path / "a.roads"

    save(andorra, file)
    again = load(file)

    assert again.origin == andorra.origin
    assert again.origin.data_at == "2013-05-28T18:59:04Z"
    assert again.origin.credit == "© OpenStreetMap contributors"
    assert (again.graph.head == andorra.graph.head).all()
    assert np.abs(again.graph.lat - andorra.graph.lat).max() < 1e-7
    assert file.stat().st_size < 100_000


def test_the_same_file_gives_the_same_network(andorra: Roads) -> None:
    again = compile_roads(PBF, NOW)

    assert again.origin == andorra.origin
    assert (again.graph.time_ds == andorra.graph.time_ds).all()


@pytest.mark.parametrize(
    "harm", [lambda b: b[:1000], lambda b: b"", lambda b: b"not a map " * 99, lambda b: b[5000:]]
)
def test_a_broken_extract_is_refused_by_name(harm: object, tmp_path: Path) -> None:
    file = tmp_path / "broken.osm.pbf"
    file.write_bytes(harm(PBF.read_bytes()))  # type: ignore[operator]

    with pytest.raises(InvalidInput, match=r"broken\.osm\.pbf"):
        compile_roads(file, NOW)


@pytest.mark.parametrize("harm", [lambda b: b[:5000], lambda b: b"", lambda b: b"PK\x03\x04" * 50])
def test_a_broken_compiled_file_is_refused_by_name(
    harm: object, andorra: Roads, tmp_path: Path
) -> None:
    file = tmp_path / "a.roads"
    save(andorra, file)
    file.write_bytes(harm(file.read_bytes()))  # type: ignore[operator]

    with pytest.raises(InvalidInput, match=r"a\.roads"):
        load(file)


def test_a_line_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "x-nodes.csv").write_text("id,lon,lat\n1,1.5,45.1\n2,1.6,45.1\n")
    edges = tmp_path / "x-edges.csv"
    edges.write_text("from,to,length_m,highway\n1,2,900,primary\n1,3,900,primary\n")

    with pytest.raises(InvalidInput, match=r"x-edges\.csv:3"):
        compile_file(edges, tmp_path / "out", _Clock())


def test_the_command_says_what_it_made(tmp_path: Path) -> None:
    out = tmp_path / "andorra.roads"

    ran = CliRunner().invoke(cli, ["roads", str(PBF), "--out", str(out)])

    told = json.loads(ran.stdout)
    assert ran.exit_code == 0
    assert told["file"] == "andorra.osm.pbf"
    assert told["licence"] == "ODbL 1.0"
    assert load(out).origin.nodes == told["nodes"]
    missing = CliRunner().invoke(cli, ["roads", str(tmp_path / "none.osm.pbf")])
    assert isinstance(missing.exception, InvalidInput)


def test_a_list_names_whom_it_belongs_to(tmp_path: Path) -> None:
    out = tmp_path / "out"
    options = ["--date", "2026-09", "--credit", "© IGN", "--licence", "Licence Ouverte 2.0"]

    ran = CliRunner().invoke(cli, ["roads", str(EDGES), "--out", str(out), *options])

    assert ran.exit_code == 0
    origin = load(out).origin
    assert (origin.data_at, origin.credit) == ("2026-09", "© IGN")
    assert origin.licence == "Licence Ouverte 2.0"


class _Clock:
    def now(self) -> datetime:
        return NOW
