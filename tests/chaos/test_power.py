"""A power cut: the write-ahead log ends anywhere, or the disk is full; history stays whole."""

import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import create_engine, text
from sqlmodel import Session

from dispatcher import event_log
from dispatcher.database import Store, Tx, connect
from dispatcher.errors import Unavailable
from tests.support.promises import broken_promises, is_prefix
from tests.support.stores import SERVICE, fact, mark, marks, open_store
from tests.support.world import TUESDAY

CUTS = 60
WRITES = 40
WAL_HEADER, FRAME_HEADER = 32, 24


def write(store: Store, name: str) -> str:
    """Store a mark and a fact; return the name once it is answered."""

    def command(tx: Tx) -> str:
        fact(tx)
        return str(mark(name)(tx))

    return store.submit_wait(command, SERVICE)


def cut_places(wal: bytes, page: int, count: int) -> Iterator[int]:
    """Yield lengths at which the log may end: every frame's border, then random bytes."""
    borders = range(WAL_HEADER, len(wal) + 1, page + FRAME_HEADER)
    chance = Random(7)
    yield from chance.sample(list(borders), min(len(borders), count // 2))
    yield from (chance.randrange(len(wal)) for _ in range(count - count // 2))
    yield len(wal)


def stored_in(database: Path) -> list[str]:
    """Return the marks of a database in the order they were written; it must be sound."""
    with closing(sqlite3.connect(database)) as opened:
        assert opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        rows = opened.execute("SELECT name FROM cursor WHERE name LIKE 'w%' ORDER BY name")
        return [name for (name,) in rows]


def test_whatever_the_cut_history_is_a_beginning_of_what_was_answered(
    sqlite_copy: str, tmp_path: Path, scale: int
) -> None:
    database = Path(sqlite_copy.removeprefix("sqlite:///"))
    frozen = tmp_path / "frozen"
    frozen.mkdir()
    with open_store(sqlite_copy, TUESDAY) as store:
        answered = [write(store, f"w{number:04d}") for number in range(WRITES)]
        main = shutil.copy(database, frozen / "main")
        wal = Path(f"{database}-wal").read_bytes()
    page = int.from_bytes(Path(main).read_bytes()[16:18], "big") or 65536
    lengths = set()
    for number, length in enumerate(cut_places(wal, page, CUTS * scale)):
        opened = tmp_path / f"cut-{number}"
        shutil.copy(main, opened)
        Path(f"{opened}-wal").write_bytes(wal[:length])
        stored = stored_in(opened)
        assert is_prefix(stored, answered), f"cut at byte {length}"
        lengths.add(len(stored))
        if length == len(wal):
            assert stored == answered, "an answer came before its fsync"
        engine = connect(f"sqlite:///{opened}", read_only=True)
        with Session(engine) as session:
            assert list(event_log.broken_links(session)) == []
        engine.dispose()
        opened.unlink()
    assert len(lengths) > 3, "the cuts cut nothing"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of sixteen mebibytes."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a tmpfs")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_refuses_and_loses_nothing_and_goes_on_when_there_is_room(
    filled_sqlite: Path, small_disk: Path
) -> None:
    database = small_disk / "cpo.sqlite3"
    shutil.copy(filled_sqlite, database)
    with open_store(f"sqlite:///{database}", TUESDAY) as store:
        answered = [write(store, "w0000")]
        ballast = small_disk / "ballast"
        ballast.write_bytes(bytes(shutil.disk_usage(small_disk).free))
        refused = 0
        for number in range(1, 200):
            try:
                answered.append(write(store, f"w{number:04d}"))
            except Unavailable:
                refused += 1
                if refused == 3:
                    break
        assert refused == 3
        with store.read() as session:
            assert set(answered) <= marks(session), "reading goes on"
        ballast.unlink()
        answered.append(write(store, "w9999"))
        with store.read() as session:
            assert list(event_log.broken_links(session)) == []
    assert broken_promises(answered, stored_in(database)) == []
    engine = create_engine(f"sqlite:///{database}")
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
    engine.dispose()
