"""`cpo init` writes a file that compose and the service read alike, once."""

import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dispatcher.cli import cli
from dispatcher.initial import Answers, environment, write
from dispatcher.settings import Settings
from tests.support.project import ROOT

ANSWERS = Answers("cpo.exemple.fr", "correze", 'L\'agglo "centre" à 100 % \\')


def names(text: str) -> set[str]:
    return {line.split("=")[0] for line in text.splitlines() if line and not line.startswith("#")}


def test_the_file_names_what_the_example_names(tmp_path: Path) -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")

    assert names(environment(ANSWERS)) == names(example)


def test_the_service_reads_back_what_was_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CPO_ORG", "CPO_ORG_NAME", "CPO_SECRET_KEY", "CPO_METRICS_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / ".env"
    write(path, ANSWERS)

    read = Settings(mode="production", _env_file=path)  # type: ignore[call-arg]

    assert read.org_name == ANSWERS.org_name
    assert len(read.secret_key.get_secret_value()) >= 32
    assert len(read.metrics_token.get_secret_value()) >= 32


def test_only_the_owner_reads_it_and_no_two_have_the_same_secrets(tmp_path: Path) -> None:
    first, second = tmp_path / "a.env", tmp_path / "b.env"
    write(first, ANSWERS)
    write(second, ANSWERS)

    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    secret = [line for line in first.read_text().splitlines() if line.startswith("CPO_SECRET_KEY")]
    assert secret[0] not in second.read_text()


def test_a_file_in_use_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("CPO_SECRET_KEY=in-use\n")

    done = CliRunner().invoke(cli, ["init", "--domain", "cpo.exemple.fr", "--file", str(path)])

    assert done.exit_code == 2
    assert path.read_text() == "CPO_SECRET_KEY=in-use\n"


@pytest.mark.parametrize(
    ("domain", "org", "name"),
    [
        ("https://cpo.fr", "correze", "Corrèze"),
        ("cpo.fr:8000", "correze", "Corrèze"),
        ("cpo", "correze", "Corrèze"),
        ("cpo.fr\nX=1", "correze", "Corrèze"),
        ("cpo.fr", "Corrèze", "Corrèze"),
        ("cpo.fr", "correze", " "),
        ("cpo.fr", "correze", "${HOME}"),
        ("cpo.fr", "correze", "a\nCPO_MODE=demo"),
    ],
)
def test_an_answer_that_cannot_be_is_refused(domain: str, org: str, name: str) -> None:
    with pytest.raises(ValueError, match=r"not |empty"):
        environment(Answers(domain, org, name))
