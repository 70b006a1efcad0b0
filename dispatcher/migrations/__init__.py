"""Schema versions, rolled forwards and back by Alembic inside the package."""

from pathlib import Path

from alembic import command
from alembic.config import Config


def config(url: str) -> Config:
    """Return an Alembic configuration for a database, without any file outside the package."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent))
    made.attributes["url"] = url
    return made


def upgrade(url: str, revision: str = "head") -> None:
    """Bring a database to a schema version, the newest by default."""
    command.upgrade(config(url), revision)


def downgrade(url: str, revision: str = "base") -> None:
    """Take a database back to an older schema version, empty by default."""
    command.downgrade(config(url), revision)


def check(url: str) -> None:
    """Raise if the tables in code differ from the newest schema version."""
    command.check(config(url))
