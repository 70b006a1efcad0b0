"""What a citizen is told before sending: this may be known already, and when somebody comes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from dispatcher.i18n import Locale
from dispatcher.intake.commands import near_duplicates
from dispatcher.intake.library import Library
from dispatcher.intake.schemas import ReportIn
from dispatcher.intake.understanding import traits_of, understand

WORTH_ASKING = 0.55
MOST = 3


@dataclass(frozen=True, slots=True)
class Known:
    """A living incident as a stranger may know it: no address, no words of other people.

    Attributes:
        id: What the form sends back when it is the same.
        category: Name in the reader's language.
        commune: Where, None when unknown.
        distance_m: From the place reported, None without two exact places.
        reports: How many told of it.
        window_from: When a crew should come, earliest; None while unplanned.
        window_to: Latest.
    """

    id: UUID
    category: str
    commune: str | None
    distance_m: int | None
    reports: int
    window_from: datetime | None
    window_to: datetime | None


def known_to(
    session: Session, org: str, library: Library, report: ReportIn, at: datetime, locale: Locale
) -> Sequence[Known]:
    """Return the living incidents that a report may be about, most alike first, at most three.

    Args:
        session: A session on any snapshot.
        org: The authority.
        library: Reference data.
        report: What is about to be sent.
        at: Service time.
        locale: Language of the names.
    """
    understood = understand(library, report.text, report.category, report.place)
    found = near_duplicates(session, org, traits_of(understood, at), WORTH_ASKING)
    known = []
    for incident, like in found[:MOST]:
        category = library.categories[incident.category]
        metres = [r.params["distance_m"] for r in like.reasons if "distance_m" in r.params]
        known.append(
            Known(
                id=incident.id,
                category=category.label_en if locale == "en" else category.label_fr,
                commune=incident.commune,
                distance_m=int(str(metres[0])) if metres else None,
                reports=incident.report_count,
                window_from=incident.window_from,
                window_to=incident.window_to,
            )
        )
    return known
