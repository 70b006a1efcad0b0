"""The service's own secret: given, or made once and kept where only its user reads."""

import stat
from pathlib import Path

import pytest

from dispatcher.secrets_file import service_secret
from dispatcher.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, database_url=f"sqlite:///{tmp_path / 'cpo.sqlite3'}")


def test_a_secret_is_made_once_and_kept(settings: Settings) -> None:
    first = service_secret(settings)

    assert len(first) >= 43
    assert service_secret(settings) == first


def test_only_its_user_can_read_the_file(settings: Settings, tmp_path: Path) -> None:
    service_secret(settings)

    (file,) = tmp_path.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_secret_that_was_given_is_not_written_anywhere(
    settings: Settings, tmp_path: Path
) -> None:
    given = settings.model_copy(update={"secret_key": type(settings.secret_key)("k" * 40)})

    assert service_secret(given) == b"k" * 40
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("left", ["", "half a secr"])
def test_a_file_that_a_crash_left_unfinished_is_never_used_as_a_key(
    settings: Settings, tmp_path: Path, left: str
) -> None:
    # An empty key would make every tracking link computable.
    (tmp_path / "cpo.secret").write_text(left)

    assert len(service_secret(settings)) >= 43
