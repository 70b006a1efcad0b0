"""Reads of the reference data: catalogue, outlines as GeoJSON, sectors."""

import gzip
import json
from collections import defaultdict
from dataclasses import dataclass

from sqlmodel import Session, col, select

from dispatcher.models import Category, Commune, Council, Crew, Depot, KeptState
from dispatcher.reference.schemas import CategoryOut, DepotOut, SectorOut
from dispatcher.reference.territory import reading_key


@dataclass(frozen=True, slots=True)
class Outlines:
    """All outlines of an authority, ready to send.

    Attributes:
        version: Of the reference data they were made from.
        plain: GeoJSON, UTF-8.
        zipped: The same in gzip, about a quarter of the size.
    """

    version: int
    plain: bytes
    zipped: bytes


def version(session: Session, org: str) -> int:
    """Return the version of an authority's reference data, 0 before the first import."""
    kept = session.exec(select(KeptState.ver).where(KeptState.key == reading_key(org))).first()
    return kept or 0


def categories(session: Session, org: str) -> list[CategoryOut]:
    """Return the catalogue in its own order."""
    rows = session.exec(
        select(Category).where(Category.org == org).order_by(col(Category.position))
    ).all()
    return [CategoryOut(**row.model_dump(include=set(CategoryOut.model_fields))) for row in rows]


def sectors(session: Session, org: str) -> list[SectorOut]:
    """Return the sectors in the order of their first crew: depots, crews, communes."""
    depots: dict[str, list[DepotOut]] = defaultdict(list)
    for depot in session.exec(select(Depot).where(Depot.org == org).order_by(Depot.name)).all():
        place = DepotOut(code=depot.code, name=depot.name, lat=depot.lat, lon=depot.lon)
        depots[depot.sector].append(place)
    crews: dict[str, list[str]] = defaultdict(list)
    rows = session.exec(select(Crew).where(Crew.org == org).order_by(col(Crew.position))).all()
    for crew in rows:
        crews[crew.sector].append(crew.name)
    communes = _communes_by_sector(session, org)
    return [
        SectorOut(name=name, depots=depots[name], crews=crews[name], communes=communes[name])
        for name in dict.fromkeys([*crews, *depots])
    ]


def _communes_by_sector(session: Session, org: str) -> defaultdict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    rows = session.exec(
        select(Council.sector, Commune.insee)
        .where(Commune.org == org, Commune.council_code == Council.code)
        .order_by(Commune.insee)
    ).all()
    for sector, insee in rows:
        if sector is not None:
            found[sector].append(insee)
    return found


def outlines(session: Session, org: str) -> Outlines:
    """Return the communes as a GeoJSON FeatureCollection."""
    communes = session.exec(select(Commune).where(Commune.org == org).order_by(Commune.insee)).all()
    features = [
        {
            "type": "Feature",
            "properties": {
                "insee": commune.insee,
                "nom": commune.name,
                "population": commune.population,
                "epci": commune.council_code,
                "lon": commune.lon,
                "lat": commune.lat,
                "codes_postaux": commune.postcodes,
            },
            "geometry": commune.outline,
        }
        for commune in communes
    ]
    collection = {"type": "FeatureCollection", "features": features}
    plain = json.dumps(collection, ensure_ascii=False, separators=(",", ":")).encode()
    return Outlines(version(session, org), plain, gzip.compress(plain, mtime=0))
