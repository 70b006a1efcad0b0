"""The compose file is whole: no container engine is needed to see that its parts fit together."""

import json
import re

import pytest
import yaml
from typer.main import get_command

from dispatcher.cli import cli
from dispatcher.settings import Settings
from realtime.serving import DRAIN_S
from tests.support.project import ROOT

TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load(TEXT)
SERVICES = COMPOSE["services"]
EXAMPLE = dict(
    line.split("=", 1)
    for line in (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
)


def volumes() -> list[str]:
    """Everything that is mounted anywhere."""
    return [volume for service in SERVICES.values() for volume in service.get("volumes", [])]


def test_the_production_parts_are_all_there() -> None:
    assert set(SERVICES) == {"caddy", "migrate", "web", "worker", "postgres", "redis"}


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"migrate"}))
def test_every_lasting_service_is_watched_and_restarted(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_waits_for_services_that_exist_and_can_be_healthy(name: str) -> None:
    for needed, rule in SERVICES[name].get("depends_on", {}).items():
        finishes = rule["condition"] == "service_completed_successfully"
        assert finishes or "healthcheck" in SERVICES[needed]


@pytest.mark.parametrize("name", ["migrate", "web", "worker"])
def test_our_services_run_commands_that_exist(name: str) -> None:
    program, verb, *rest = SERVICES[name]["command"]

    assert (program, rest) == ("cpo", [])
    assert verb in get_command(cli).commands  # type: ignore[attr-defined]


def test_volumes_used_are_declared() -> None:
    used = {v.split(":")[0] for v in volumes() if not v.startswith("./")}

    assert used == set(COMPOSE["volumes"])


def test_the_settings_given_are_settings_we_have() -> None:
    ours = {f"CPO_{name.upper()}" for name in Settings.model_fields} | {"CPO_DOMAIN"}

    assert set(COMPOSE["x-cpo"]["environment"]) <= ours
    assert {name for name in EXAMPLE if name.startswith("CPO_")} <= ours


def test_what_must_be_filled_in_is_in_the_example() -> None:
    asked = set(re.findall(r"\$\{(\w+):\?", TEXT))

    assert asked <= set(EXAMPLE)


def test_no_secret_is_written_down() -> None:
    assert EXAMPLE["CPO_SECRET_KEY"] == ""
    assert EXAMPLE["POSTGRES_PASSWORD"] == ""


def test_only_the_proxy_is_open_to_the_world() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["caddy"]


def test_files_of_ours_are_mounted_read_only_and_exist() -> None:
    ours = [volume for volume in volumes() if volume.startswith("./")]

    assert ours == ["./docs/deploy/Caddyfile:/etc/caddy/Caddyfile:ro"]
    assert (ROOT / ours[0].split(":")[0]).is_file()


def test_the_proxy_is_given_every_name_its_file_must_have() -> None:
    text = (ROOT / "docs/deploy/Caddyfile").read_text(encoding="utf-8")
    needed = set(re.findall(r"\{\$(\w+)\}", text))

    assert needed <= set(SERVICES["caddy"]["environment"])
    assert SERVICES["caddy"]["environment"]["CPO_WEB_HOST"] in SERVICES


def test_a_service_has_time_to_let_its_clients_go() -> None:
    for name in ("web", "worker"):
        assert int(SERVICES[name]["stop_grace_period"].removesuffix("s")) > DRAIN_S


def test_the_proxy_is_believed_and_nobody_else() -> None:
    given = json.loads(COMPOSE["x-cpo"]["environment"]["CPO_TRUSTED_PROXIES"])
    (network,) = COMPOSE["networks"]["default"]["ipam"]["config"]

    assert given == [network["subnet"]]


def test_only_the_workers_solve() -> None:
    assert SERVICES["web"]["environment"]["CPO_SOLVER"] == "false"
    worker = SERVICES["worker"].get("environment", COMPOSE["x-cpo"]["environment"])
    assert "CPO_SOLVER" not in worker
