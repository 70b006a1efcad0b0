"""Which commune a point lies in, from the outlines themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians
from typing import Any

Ring = Sequence[Sequence[float]]


@dataclass(frozen=True, slots=True)
class Outline:
    """A commune's outline.

    Attributes:
        insee: Code.
        box: West, south, east, north in degrees.
        polygons: Rings of (lon, lat), the outer one first, then holes.
    """

    insee: str
    box: tuple[float, float, float, float]
    polygons: tuple[tuple[Ring, ...], ...]

    @classmethod
    def of(cls, insee: str, geometry: dict[str, Any]) -> "Outline":
        """Return the outline of a GeoJSON Polygon or MultiPolygon."""
        parts = geometry["coordinates"]
        polygons = (parts,) if geometry["type"] == "Polygon" else tuple(parts)
        lons = [point[0] for polygon in polygons for point in polygon[0]]
        lats = [point[1] for polygon in polygons for point in polygon[0]]
        box = (min(lons), min(lats), max(lons), max(lats))
        return cls(insee, box, tuple(tuple(polygon) for polygon in polygons))

    def contains(self, lat: float, lon: float) -> bool:
        """Return whether a point lies inside, holes left out."""
        west, south, east, north = self.box
        if not (west <= lon <= east and south <= lat <= north):
            return False
        return any(
            _inside(polygon[0], lat, lon) and not any(_inside(h, lat, lon) for h in polygon[1:])
            for polygon in self.polygons
        )

    def area_km2(self) -> float:
        """Return the area, good to a few per cent at our latitudes."""
        total = 0.0
        for polygon in self.polygons:
            for sign, ring in [(1.0, polygon[0]), *((-1.0, hole) for hole in polygon[1:])]:
                lat = radians(sum(p[1] for p in ring) / len(ring))
                doubled = sum(
                    a[0] * b[1] - b[0] * a[1]
                    for a, b in zip(ring, [*ring[1:], ring[0]], strict=True)
                )
                total += sign * abs(doubled) / 2 * 111.32**2 * cos(lat)
        return total


class Atlas:
    """All outlines of a territory."""

    def __init__(self, outlines: Sequence[Outline]) -> None:
        """Keep the outlines."""
        self._outlines = tuple(outlines)

    def commune_at(self, lat: float, lon: float) -> str | None:
        """Return the code of the commune that contains a point, None outside the territory."""
        return next((o.insee for o in self._outlines if o.contains(lat, lon)), None)


def _inside(ring: Ring, lat: float, lon: float) -> bool:
    """Cast a ray eastwards and count the edges it crosses (even-odd rule)."""
    inside = False
    for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (y1 > lat) != (y2 > lat) and lon < (x2 - x1) * (lat - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside
