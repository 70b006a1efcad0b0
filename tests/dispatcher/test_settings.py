"""How a service may be set up, and what is refused before it starts."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from dispatcher.settings import Settings


def settings(**options: object) -> Settings:
    return Settings(_env_file=None, **options)


def test_a_setting_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CPO_PORT", "8123")
    monkeypatch.setenv("CPO_ORG", "lot-sud")

    made = settings()

    assert (made.port, made.org, made.origin) == (8123, "lot-sud", "http://127.0.0.1:8123")


def test_every_setting_says_what_it_is_for() -> None:
    silent = [name for name, field in Settings.model_fields.items() if not field.description]

    assert silent == []


def test_settings_do_not_change_while_the_service_runs() -> None:
    with pytest.raises(ValidationError):
        settings().port = 1


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "cpo.example.fr", ""])
def test_the_demo_is_never_reachable_from_another_machine(host: str) -> None:
    with pytest.raises(ValidationError, match="loopback"):
        settings(mode="demo", host=host)


@pytest.mark.parametrize("key", ["", "too short", "k" * 31])
def test_production_needs_a_secret_of_its_own(key: str) -> None:
    with pytest.raises(ValidationError, match="CPO_SECRET_KEY"):
        settings(mode="production", secret_key=key)


def test_a_weak_secret_is_refused_everywhere() -> None:
    with pytest.raises(ValidationError, match="32 characters"):
        settings(mode="embedded", secret_key="k")


def test_a_secret_is_not_shown_by_accident() -> None:
    made = settings(mode="production", secret_key="k" * 32)

    assert "kkk" not in repr(made)
    assert "kkk" not in made.model_dump_json()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", 0),
        ("port", 70_000),
        ("org", "Corrèze"),
        ("org", "a/b"),
        ("session_hours", 25),
        ("session_idle_minutes", 1),
        ("max_body_bytes", 10),
        ("default_locale", "de"),
        ("simulation_rate", 500),
    ],
)
def test_a_value_that_cannot_be_is_refused(name: str, value: object) -> None:
    with pytest.raises(ValidationError):
        settings(**{name: value})


def test_https_decides_how_cookies_are_kept() -> None:
    assert not settings().secure
    assert settings(public_url="https://cpo.example.fr/").secure


def test_the_origin_of_a_public_address_has_no_path() -> None:
    assert settings(public_url="https://cpo.example.fr:8443/x").origin == (
        "https://cpo.example.fr:8443"
    )


def test_every_name_of_the_loopback_is_ours_until_there_is_a_public_address() -> None:
    assert settings().origins == {
        "http://127.0.0.1:8000",
        "http://localhost:8000",
        "http://[::1]:8000",
    }
    assert settings(public_url="https://cpo.example.fr").origins == {"https://cpo.example.fr"}


def test_other_origins_are_ours_only_when_named() -> None:
    made = settings(extra_origins=("http://localhost:5173",))

    assert "http://localhost:5173" in made.origins
    assert "http://localhost:5174" not in made.origins


def test_the_file_of_the_database_is_known_only_for_sqlite() -> None:
    assert settings(database_url="sqlite:////var/cpo.sqlite3").sqlite_path == Path(
        "/var/cpo.sqlite3"
    )
    assert settings(database_url="postgresql+psycopg://u:p@db/cpo").sqlite_path is None
