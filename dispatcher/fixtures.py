"""Where the reference data shipped with the product lies, in a checkout and in an installed
wheel.
"""

from pathlib import Path


def fixtures_dir() -> Path:
    """Return the folder of `fixtures/`; `ui/build.py` copies it into the wheel as `_fixtures`."""
    packaged = Path(__file__).parent / "_fixtures"
    return packaged if packaged.is_dir() else Path(__file__).parents[1] / "fixtures"
