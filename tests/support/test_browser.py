"""The Chromium that tests drive."""

import pytest
from playwright.sync_api import Page

from tests.support.browser import accessibility_faults

pytestmark = pytest.mark.browser

SOUND = '<html lang="fr"><title>t</title><main><h1>Titre</h1>%s</main>'


def test_a_sound_page_has_no_accessibility_fault(page: Page) -> None:
    page.set_content(SOUND % "<p>Texte</p>")

    assert accessibility_faults(page) == []


def test_a_button_without_a_name_is_a_fault(page: Page) -> None:
    page.set_content(SOUND % "<button></button>")

    assert accessibility_faults(page) == ["button-name: <button></button>"]


def test_the_page_speaks_french_in_paris(page: Page) -> None:
    said = page.evaluate("[navigator.language, Intl.DateTimeFormat().resolvedOptions().timeZone]")

    assert said == ["fr-FR", "Europe/Paris"]
