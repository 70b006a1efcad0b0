from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from dispatcher import event_log, migrations
from dispatcher.actors import system
from dispatcher.clock import FrozenClock
from dispatcher.database import Clocks, Store
from dispatcher.models import Category, Commune, Crew, Depot, EventRow, KeptState, OnCallPerson
from dispatcher.reference.readers import read_folder
from dispatcher.reference.territory import load_territory, reading_key
from priority.policy import Policy
from tests.dispatcher.reference.small_territory import write
from tests.support.world import TUESDAY

ORG = "lozere"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A started store on a fresh database."""
    url = f"sqlite:///{tmp_path / 'cpo.sqlite3'}"
    migrations.upgrade(url)
    clock = FrozenClock(TUESDAY)
    made = Store(url, Clocks(clock, clock), event_log.append)
    made.start()
    made.submit_wait(lambda tx: event_log.found_log(tx.session), system(ORG))
    yield made
    made.stop()


def load(store: Store, folder: Path, *changes: tuple[str, str, str]) -> dict[str, int]:
    """Load the small territory, changed or not."""
    territory = read_folder(write(folder, *changes))
    return store.submit_wait(lambda tx: load_territory(tx, territory), system(ORG))


def one(store: Store, table: type[Any]) -> Any:
    """Return the first row of a table by its key."""
    with store.read() as session:
        return session.exec(select(table)).first()


def events(store: Store) -> list[str]:
    with store.read() as session:
        return list(session.exec(select(EventRow.type).order_by(col(EventRow.seq))).all())


def test_a_territory_is_stored_and_counted(store: Store, tmp_path: Path) -> None:
    counts = load(store, tmp_path)

    changed = counts.pop("changed")
    assert counts == {
        "communes": 2,
        "councils": 1,
        "sites": 1,
        "sensors": 1,
        "depots": 1,
        "categories": 1,
        "crews": 1,
        "posts": 1,
        "people": 1,
    }
    assert changed == sum(counts.values()) + 2  # the policy and the vocabulary
    assert events(store) == ["reference.imported"]


def test_rows_say_what_the_files_said(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path)

    commune, category, crew = one(store, Commune), one(store, Category), one(store, Crew)
    assert (commune.name, commune.postcodes, commune.council_code) == (
        "Mende",
        ["48000"],
        "244800405",
    )
    assert commune.outline["type"] == "Polygon"
    assert category.targets == {"respond": {"minutes": 90, "clock": "calendar"}}
    assert category.extra["hourly"] == [1.0] * 24
    assert (crew.sector, crew.state, crew.skills) == ("Mende", "off", ["water_network"])
    assert crew.depot_id == one(store, Depot).id
    assert crew.pattern["breaks"] == [{"from": "12:00", "to": "14:00", "minutes": 60}]
    assert one(store, OnCallPerson).absences == [
        {"start": "2026-12-21", "end": "2026-12-28", "kind": "leave"}
    ]


def test_the_policy_and_the_vocabulary_are_kept_for_scoring(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path)

    with store.read() as session:
        policy = session.get_one(KeptState, f"policy:{ORG}")
        words = session.get_one(KeptState, reading_key(ORG))
    assert Policy.from_json(policy.state["json"]).name == "Lozère"
    assert words.state["dangers"] == {"ice": ["verglas"]}
    assert words.ver == 1


def test_loading_again_changes_nothing_and_says_nothing(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path)
    before = one(store, Crew)

    counts = load(store, tmp_path)

    assert counts["changed"] == 0
    assert counts["communes"] == 2
    assert events(store) == ["reference.imported"]
    assert one(store, Crew).version == before.version


def test_a_changed_row_keeps_its_id_and_raises_the_version_of_the_data(
    store: Store, tmp_path: Path
) -> None:
    load(store, tmp_path)
    depot = one(store, Depot)

    counts = load(store, tmp_path, ("depots.toml", "lat = 44.05", "lat = 44.06"))

    assert counts["changed"] == 1
    assert (one(store, Depot).id, one(store, Depot).lat) == (depot.id, 44.06)
    with store.read() as session:
        assert session.get_one(KeptState, reading_key(ORG)).ver == 2
    assert events(store) == ["reference.imported"] * 2


def test_a_changed_crew_is_told_anew_at_the_next_turn_of_shifts(
    store: Store, tmp_path: Path
) -> None:
    load(store, tmp_path)

    load(store, tmp_path, ("crews.toml", "members = 2", "members = 3"))

    crew = one(store, Crew)
    assert (crew.members, crew.version) == (3, 2)
    assert (crew.shift_start_at, crew.shift_end_at) == (None, None)


def test_what_a_new_file_no_longer_names_stays(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path)

    counts = load(store, tmp_path, ("sites.csv", "hospital-01", "hospital-02"))

    assert counts["sites"] == 1
    with store.read() as session:
        assert session.get(KeptState, f"policy:{ORG}") is not None
        codes = session.exec(select(Commune.insee)).all()
    assert len(codes) == 2
