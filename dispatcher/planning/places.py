"""The places of a problem, each once: what stands at one point shares a row of the matrix."""

from dataclasses import dataclass, field

from scheduling.dispatch.travel import Point


@dataclass(slots=True)
class Places:
    """Points that the matrix knows, each once."""

    points: list[Point] = field(default_factory=list)
    _rows: dict[tuple[float, float], int] = field(default_factory=dict)

    def row(self, lat: float, lon: float) -> int:
        """Return the matrix row of a point, new or known."""
        key = (round(lat, 5), round(lon, 5))
        if key not in self._rows:
            self._rows[key] = len(self.points)
            self.points.append(Point(lat, lon))
        return self._rows[key]
