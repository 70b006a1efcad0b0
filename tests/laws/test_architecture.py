"""Who may import whom: the import-linter contracts of pyproject.toml, run by pytest too."""

from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from tests.support.project import ROOT


def test_imports_follow_the_layers(monkeypatch, capsys) -> None:
    monkeypatch.chdir(ROOT)

    status = lint_imports(config_filename="pyproject.toml", no_cache=True)

    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out
