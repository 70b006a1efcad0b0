"""What a message says, before anything is stored: category, place, dangers, who is exposed.

Runs outside the writer's queue, so that reading a long text delays nobody's commit.
"""

from dataclasses import dataclass
from datetime import datetime

from dispatcher.errors import InvalidInput
from dispatcher.incidents.commands import Spot
from dispatcher.incidents.schemas import PlaceIn
from dispatcher.incidents.scoring import KnownFacts
from dispatcher.intake.addresses import Address
from dispatcher.intake.library import Library
from dispatcher.models import Category
from priority.duplicates import LIKELY, ReportTraits, distance_m, street_key, words_of
from priority.facts import NearbySite
from priority.reading import Interpretation

SITES_WITHIN_M = 500


@dataclass(frozen=True, slots=True)
class Understood:
    """A message and everything it tells.

    Attributes:
        text: As written.
        interpretation: Categories, places, dangers and spans found in the text.
        category: The one given, or the surest one, or the catalogue's catch-all.
        spot: Where it is.
        known: Facts for the score.
        words: Stems for comparing with other reports.
        street: Words of the street it names, for the same.
        population: Of the commune, None when unknown.
    """

    text: str
    interpretation: Interpretation
    category: Category
    spot: Spot
    known: KnownFacts
    words: frozenset[str]
    street: frozenset[str]
    population: int | None


def understand(
    library: Library,
    text: str,
    category: str | None,
    place: PlaceIn | None,
    located: Address | None = None,
) -> Understood:
    """Return what a message says.

    Args:
        library: Reference data.
        text: As written.
        category: Code that the caller gives; None lets the text tell.
        place: Where, as the caller gives it.
        located: Where that place is, when it was looked up.

    Raises:
        InvalidInput: The category given is not in the catalogue, or the commune is not ours.
    """
    reading = library.reader.read(text)
    chosen = _category(library, category, reading)
    spot = _spot(library, place, reading)
    if located is not None:
        spot = _at(located, spot)
    known = KnownFacts(
        dangers=reading.danger_facts(),
        sites=_sites(library, spot),
        population_density=library.density.get(spot.insee or ""),
        precise=spot.precise,
    )
    words = words_of(text, library.small_words)
    commune = library.communes.get(spot.insee or "")
    population = commune.population if commune else None
    street = street_key(reading.street or spot.label)
    return Understood(text, reading, chosen, spot, known, words, street, population)


def traits_of(understood: Understood, at: datetime) -> ReportTraits:
    """Return what can be compared with other reports; a commune's centre is not a place."""
    spot = understood.spot
    return ReportTraits(
        at=at,
        category=understood.category.code,
        service=understood.category.service,
        lat=spot.lat if spot.precise else None,
        lon=spot.lon if spot.precise else None,
        insee=spot.insee,
        words=understood.words,
        street=understood.street,
        population=understood.population,
        maybe=frozenset(
            one.code for one in understood.interpretation.categories if one.confidence >= LIKELY
        ),
    )


def _category(library: Library, given: str | None, reading: Interpretation) -> Category:
    if given is not None:
        found = library.categories.get(given)
        if found is None:
            raise InvalidInput("no such category", field="category", category=given)
        return found
    return library.categories.get(reading.category or "") or library.catch_all


def _at(located: Address, spot: Spot) -> Spot:
    label = spot.label or located.name
    return Spot(label, located.insee, located.commune, located.lat, located.lon, located.is_exact)


def _spot(library: Library, place: PlaceIn | None, reading: Interpretation) -> Spot:
    hint = reading.places[0] if reading.places else None
    if place is not None and place.lat is not None and place.lon is not None:
        insee = library.atlas.commune_at(place.lat, place.lon)
        commune = library.communes.get(insee or "")
        return Spot(
            label=place.address or (hint.street if hint else None),
            insee=insee,
            commune=commune.name if commune else None,
            lat=place.lat,
            lon=place.lon,
            precise=True,
        )
    if place is not None and place.insee is not None:
        commune = library.communes.get(place.insee)
        if commune is None:
            raise InvalidInput("this commune is not served here", field="place.insee")
        street = place.address or (hint.street if hint else None)
        return Spot(street, commune.insee, commune.name, commune.lat, commune.lon)
    named = hint.commune if hint is not None and reading.commune is not None else None
    if hint is not None and named is not None:
        return Spot(hint.street, named.insee, named.name, named.lat, named.lon)
    return Spot(label=(place.address if place else None) or (hint.street if hint else None))


def _sites(library: Library, spot: Spot) -> tuple[NearbySite, ...]:
    if spot.lat is None or spot.lon is None or not spot.precise:
        return ()
    here = (spot.lat, spot.lon)
    near = [
        NearbySite(site.kind, site.name, round(distance_m(here, (site.lat, site.lon))))
        for site in library.sites
        if abs(site.lat - spot.lat) < 0.02 and abs(site.lon - spot.lon) < 0.02
    ]
    within = [site for site in near if site.distance_m <= SITES_WITHIN_M]
    return tuple(sorted(within, key=lambda site: site.distance_m)[:5])
