"""What we depend on comes from the public registries and may be given on under our licence."""

import json
import re
import tomllib
from importlib.metadata import distributions

from tests.support.project import ROOT

PUBLIC = {"pypi.org", "files.pythonhosted.org", "registry.npmjs.org"}
# Strong copyleft would bind those who install us; the others may be combined with Apache-2.0.
REFUSED = re.compile(r"\b(AGPL|GPL|SSPL|BUSL)\b(?!.*(LGPL|exception))", re.IGNORECASE)


def hosts(text: str) -> set[str]:
    return set(re.findall(r"https?://([^/\"\s]+)", text))


def test_the_python_lock_names_public_hosts_only() -> None:
    assert hosts((ROOT / "uv.lock").read_text(encoding="utf-8")) <= PUBLIC


def test_the_npm_lock_names_no_mirror() -> None:
    lock = json.loads((ROOT / "ui" / "package-lock.json").read_text(encoding="utf-8"))

    resolved = {entry.get("resolved", "") for entry in lock["packages"].values()}

    assert hosts(" ".join(resolved)) <= PUBLIC


def test_npm_keeps_addresses_out_of_the_lock() -> None:
    # Otherwise a lock made behind a mirror carries the mirror's name to everybody.
    assert "omit-lockfile-registry-resolved=true" in (ROOT / "ui" / ".npmrc").read_text()


def test_every_locked_archive_has_a_digest() -> None:
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))

    packages = [package for package in lock["package"] if "registry" in package["source"]]
    archives = [a for p in packages for a in (*p.get("wheels", ()), p.get("sdist")) if a]

    assert all(archive["hash"].startswith("sha256:") for archive in archives)


def test_what_the_product_installs_may_be_given_on() -> None:
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    shipped = runtime_closure(lock)

    refused = [
        f"{name}: {licence}"
        for distribution in distributions()
        if (name := (distribution.name or "").lower().replace("_", "-")) in shipped
        if REFUSED.search(licence := licence_of(distribution.metadata.json))
    ]

    assert refused == []


def runtime_closure(lock: dict) -> set[str]:
    """Return the names of all packages that an installation without development groups brings."""
    needs = {p["name"]: [d["name"] for d in p.get("dependencies", [])] for p in lock["package"]}
    found: set[str] = set()
    waiting = ["cpo-dispatcher"]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += needs.get(name, [])
    return found


def licence_of(metadata: dict) -> str:
    """Return the declared licence: the expression, the classifiers, or the short free text."""
    if expression := metadata.get("license_expression"):
        return str(expression)
    classifiers = [c for c in metadata.get("classifier", []) if c.startswith("License ::")]
    return " ".join(classifiers) or str(metadata.get("license", ""))[:80]
