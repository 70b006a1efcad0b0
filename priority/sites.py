"""Which vulnerable sites lie near a point. Distances only; points are the policy's affair."""

from collections.abc import Iterable

from priority.duplicates import distance_m
from priority.facts import NearbySite

Site = tuple[str, str, float, float]
"""Kind, name, latitude and longitude in WGS 84 degrees."""


def sites_near(
    point: tuple[float, float], sites: Iterable[Site], within_m: int = 500, limit: int = 5
) -> tuple[NearbySite, ...]:
    """Return the nearest sites around a point, nearest first.

    Args:
        point: Latitude and longitude, WGS 84 degrees.
        sites: All that are known.
        within_m: Farther ones are left out, metres, inclusive.
        limit: Most results.
    """
    near = (
        NearbySite(kind, name, round(distance_m(point, (lat, lon))))
        for kind, name, lat, lon in sites
        if abs(lat - point[0]) < within_m / 100_000
    )
    within = sorted((one for one in near if one.distance_m <= within_m), key=_nearness)
    return tuple(within[:limit])


def _nearness(site: NearbySite) -> tuple[int, str]:
    return site.distance_m, site.name
