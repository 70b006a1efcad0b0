"""How much chaos: a taste by default, `make chaos` for the whole."""

import os

import pytest


@pytest.fixture(scope="session")
def scale() -> int:
    """How many times the short version; `make chaos` sets it."""
    return int(os.environ.get("CPO_CHAOS_SCALE", "1"))
