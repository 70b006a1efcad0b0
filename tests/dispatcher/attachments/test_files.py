"""The folder: whole files or none, names that say nothing, nobody's files swept after a day."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from dispatcher.attachments.files import Folder
from dispatcher.errors import NotFound
from tests.support.world import TUESDAY


def test_what_was_written_is_found_and_its_small_picture_too(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "new" / "one")
    name = folder.write(b"whole", b"small")

    assert folder.find(name).read_bytes() == b"whole"
    assert folder.find(name, small=True).read_bytes() == b"small"
    assert os.stat(folder.find(name)).st_mode & 0o077 == 0


def test_without_a_small_picture_the_whole_file_stands_for_it(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    name = folder.write(b"sound")
    assert folder.find(name, small=True).read_bytes() == b"sound"


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "x", "a" * 31 + "/", "a" * 32 + "\n"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotFound):
        Folder(tmp_path).find(name)
    with pytest.raises(NotFound):
        Folder(tmp_path).put(name, b"")


def test_a_file_that_nobody_names_is_swept_after_a_day(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    named, orphan, fresh = (folder.write(b"1", b"2") for _ in range(3))
    (tmp_path / "somebody-elses.txt").write_text("not ours")
    old_s = (TUESDAY - timedelta(hours=25)).timestamp()
    for path in tmp_path.iterdir():
        os.utime(path, (old_s, old_s))
    for path in (tmp_path / fresh, tmp_path / f"{fresh}.small"):
        os.utime(path, (TUESDAY.timestamp(), TUESDAY.timestamp()))

    assert folder.sweep({named}, TUESDAY) == 2

    assert folder.find(named)
    assert folder.find(fresh)
    assert (tmp_path / "somebody-elses.txt").exists()
    with pytest.raises(NotFound):
        folder.find(orphan)
