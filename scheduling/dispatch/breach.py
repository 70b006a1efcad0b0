"""A broken rule, as checkers report it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Breach:
    """One broken rule: its name, where, and the amounts."""

    rule: str
    crew_id: str | None = None
    visit_id: str | None = None
    detail: str = ""
