"""In which sector a place lies: that of the depot nearest to it."""

from collections.abc import Iterable, Sequence

import numpy as np

from dispatcher.models import Depot


class Sectors:
    """The sectors of an authority, by their depots."""

    def __init__(self, depots: Iterable[Depot]) -> None:
        """Keep where they are; two depots equally near are told apart by their code."""
        known = sorted(depots, key=lambda depot: depot.code)
        self._names = [depot.sector for depot in known]
        self._at = np.radians(np.array([(d.lat, d.lon) for d in known]).reshape(-1, 2))

    def of(self, places: Sequence[tuple[float, float]]) -> list[str]:
        """Return the sector of each (latitude, longitude); empty names without any depot."""
        if not self._names or not places:
            return [""] * len(places)
        at = np.radians(np.array(places))
        north = at[:, None, 0] - self._at[None, :, 0]
        east = (at[:, None, 1] - self._at[None, :, 1]) * np.cos(at[:, None, 0])
        return [self._names[int(i)] for i in np.argmin(north**2 + east**2, axis=1)]
