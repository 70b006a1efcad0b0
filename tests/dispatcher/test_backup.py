"""A backup holds everything, fits either store, and never restores half of itself."""

import gzip
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from dispatcher import event_log
from dispatcher.attachments.files import Folder
from dispatcher.backup import BackupRefused, backup, restore
from dispatcher.engines import connect
from dispatcher.models import metadata
from tests.support.live_peer import FakePeer
from tests.support.pictures import photo
from tests.support.world import ORG, TUESDAY, World

BOARD = f"board:{ORG}"


@pytest.fixture(params=["sqlite", "postgres"])
def other_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database to restore into, on each kind of store."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'other.sqlite3'}"
    else:
        yield request.getfixturevalue("postgres_url")


@pytest.fixture
async def saved(either_world: World, tmp_path: Path) -> tuple[World, Path]:
    """A service on each kind of store with an incident in it, and its backup, taken as it runs."""
    await either_world.incident("fuite rue Carnot à Tulle, eau partout")
    path = tmp_path / "copy.cpo"
    backup(either_world.settings.database_url, path, TUESDAY)
    return either_world, path


def content(url: str) -> dict[str, list[str]]:
    """Return every row as text, sorted, save for the epoch of the log."""
    engine = connect(url, read_only=True)
    with engine.connect() as connection:
        found = {
            table.name: sorted(
                str({k: v for k, v in row._mapping.items() if k != "epoch"})
                for row in connection.execute(select(table))
            )
            for table in metadata.sorted_tables
        }
    engine.dispose()
    return found


async def test_what_was_saved_is_there_again_on_either_store(
    saved: tuple[World, Path], other_url: str
) -> None:
    world, path = saved
    counts = restore(other_url, path)

    restored = content(other_url)
    assert counts == {name: len(rows) for name, rows in restored.items()}
    assert restored["incident"]
    if other_url.split(":")[0] == world.settings.database_url.split(":")[0]:
        assert restored == content(world.settings.database_url)


async def test_a_restored_log_is_whole_and_goes_on_under_a_new_epoch(
    saved: tuple[World, Path], other_url: str
) -> None:
    world, path = saved
    restore(other_url, path)
    with world.look() as session:
        before = event_log.head(session)

    again = World(other_url)
    again._sent = 100  # answers to the first keys were restored too
    again.service.store.start()
    try:
        with again.look() as session:
            assert list(event_log.broken_links(session)) == []
            after = event_log.head(session)
        assert after.seq == before.seq
        assert after.epoch != before.epoch
        await again.incident("nid-de-poule à Ussel")
        with again.look() as session:
            assert list(event_log.broken_links(session)) == []
    finally:
        again.service.store.stop()


async def test_a_screen_that_remembers_the_old_log_is_given_a_fresh_picture(
    saved: tuple[World, Path], tmp_path: Path
) -> None:
    world, path = saved
    live = world.service.parts["live"]
    await live.relay.start()
    before = FakePeer(live.hub)
    await before.subscribe(BOARD)
    await live.relay.stop()
    live.hub.stop()
    url = f"sqlite:///{tmp_path / 'restored.sqlite3'}"
    restore(url, path)

    again = World(url)
    again.service.store.start()
    live = again.service.parts["live"]
    await live.relay.start()
    peer = FakePeer(live.hub)
    answer = await peer.resume(BOARD, before)
    await live.relay.stop()
    live.hub.stop()
    again.service.store.stop()

    assert not answer.recovered
    assert peer.mirror[BOARD].values


async def test_a_database_in_use_is_not_overwritten_unless_asked(
    saved: tuple[World, Path], filled_sqlite: Path, tmp_path: Path
) -> None:
    _, path = saved
    shutil.copy(filled_sqlite, tmp_path / "used.sqlite3")
    used = f"sqlite:///{tmp_path / 'used.sqlite3'}"
    before = content(used)
    with pytest.raises(BackupRefused, match="holds something"):
        restore(used, path)
    assert content(used) == before

    restore(used, path, replace=True)
    assert not before["incident"]
    assert content(used)["incident"]


@pytest.mark.parametrize("harm", ["cut", "flipped", "dropped", "foreign", "empty", "schema"])
async def test_a_damaged_backup_is_refused_before_anything_is_touched(
    world: World, tmp_path: Path, harm: str
) -> None:
    path = tmp_path / "copy.cpo"
    backup(world.settings.database_url, path, TUESDAY)
    lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    match harm:
        case "cut":
            path.write_bytes(path.read_bytes()[:-200])
        case "flipped":
            lines[5] = lines[5].replace(b"e", b"f", 1)
            path.write_bytes(gzip.compress(b"".join(lines)))
        case "dropped":
            path.write_bytes(gzip.compress(b"".join(lines[:5] + lines[6:])))
        case "foreign":
            path.write_bytes(gzip.compress(b"[1, 2]\n"))
        case "empty":
            path.write_bytes(b"")
        case "schema":
            lines[0] = json.dumps(json.loads(lines[0]) | {"schema": "9999"}).encode() + b"\n"
            path.write_bytes(gzip.compress(b"".join(lines)))
    before = content(world.settings.database_url)

    with pytest.raises(BackupRefused):
        restore(world.settings.database_url, path)

    assert content(world.settings.database_url) == before


def test_a_backup_that_fails_leaves_the_last_one(tmp_path: Path) -> None:
    path = tmp_path / "copy.cpo"
    path.write_bytes(b"yesterday's")

    with pytest.raises(Exception, match="no such table"):
        backup(f"sqlite:///{tmp_path / 'nothing.sqlite3'}", path, TUESDAY)

    assert path.read_bytes() == b"yesterday's"
    assert [found.name for found in tmp_path.glob("*.part")] == []


async def test_attached_files_are_saved_and_restored_with_their_rows(
    world: World, tmp_path: Path
) -> None:
    incident = await world.incident("nid-de-poule à Tulle")
    async with world.client("dispatcher") as http:
        sent = await http.post(
            f"/api/v1/incidents/{incident}/attachments",
            content=photo((40, 30)),
            headers={"Idempotency-Key": "photo-key-00000001"},
        )
        whole = (await http.get(sent.json()["url"])).content
    path, here = tmp_path / "copy.cpo", Folder(world.settings.attachments_path)
    orphan = here.write(b"nobody's")
    backup(world.settings.database_url, path, TUESDAY, here)
    there = Folder(tmp_path / "there")

    restore(f"sqlite:///{tmp_path / 'other.sqlite3'}", path, folder=there)

    files = {name: there.path.joinpath(name).read_bytes() for name, _ in there.names()}
    assert len(files) == 2
    assert whole in files.values()
    assert orphan not in files
