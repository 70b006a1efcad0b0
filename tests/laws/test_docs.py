"""The documentation tells the truth: what can be derived is derived, and no link leads nowhere."""

import re

from docs.generate import OPENAPI, REFERENCE, openapi, reference
from tests.support.project import ROOT, name_of, source_files

LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


def test_the_reference_page_is_what_the_code_says() -> None:
    assert REFERENCE.read_text(encoding="utf-8") == reference(), "run `make generate`"


def test_the_api_description_is_what_the_code_says() -> None:
    described = openapi()

    assert described is None or OPENAPI.read_text(encoding="utf-8") == described, "make generate"


def test_links_between_pages_lead_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *source_files(".md", under=("docs",))]

    broken = [
        f"{name_of(page)}: {link}"
        for page in pages
        for link in LINK.findall(page.read_text(encoding="utf-8"))
        if not (page.parent / link).exists()
    ]

    assert broken == []


def test_every_decision_is_in_the_list_and_has_its_parts() -> None:
    folder = ROOT / "docs" / "adr"
    listed = (folder / "README.md").read_text(encoding="utf-8")

    for page in folder.glob("0*.md"):
        text = page.read_text(encoding="utf-8")
        assert page.name in listed
        parts = ("Context", "Decision", "Consequences", "Alternatives", "References")
        assert all(f"\n## {part}\n" in text for part in parts), page.name
