"""What better sources answered, place by place, in memory and bounded.

A square of places × places: a snapshot's matrix is one look into it. The place asked for longest
ago makes room for a new one. Thread-safe; computes and fetches nothing.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import numpy as np

from scheduling.dispatch.estimates import Known
from scheduling.dispatch.problem import IntMatrix
from scheduling.dispatch.travel import Point

Key = tuple[float, float]
FIRST_SIDE = 64


def key_of(place: Point) -> Key:
    """Return under which key a place is known: to about ten metres."""
    return round(place.lat, 4), round(place.lon, 4)


class TravelTable:
    """Times and lengths between at most `capacity` places."""

    def __init__(self, capacity: int) -> None:
        """Start empty.

        Args:
            capacity: Places, at least 2; memory grows with its square (9 bytes a pair).
        """
        self.capacity = max(2, capacity)
        self._slots: OrderedDict[Key, int] = OrderedDict()
        self._free: list[int] = []
        self._lock = threading.Lock()
        self._seconds = self._metres = np.zeros((0, 0), dtype=np.int32)
        self._codes = np.zeros((0, 0), dtype=np.int8)

    def __len__(self) -> int:
        """Return the number of places known."""
        return len(self._slots)

    @property
    def bytes(self) -> int:
        """Memory the squares take."""
        return int(self._seconds.nbytes + self._metres.nbytes + self._codes.nbytes)

    def pairs(self) -> dict[int, int]:
        """Return the number of known pairs by source code."""
        with self._lock:
            counts = np.bincount(self._codes.ravel(), minlength=1)
        return {code: int(n) for code, n in enumerate(counts) if code and n}

    def look(self, places: Sequence[Point]) -> Known:
        """Return what is known between places; those that find no room are unknown to all."""
        with self._lock:
            slots = self._take(places)
            inside = slots >= 0
            at = np.ix_(slots, slots)
            valid = inside[:, None] & inside[None, :]
            codes = np.where(valid, self._codes[at], 0).astype(np.int8)
            return Known(self._seconds[at], self._metres[at], codes)

    def put(
        self,
        origins: Sequence[Point],
        goals: Sequence[Point],
        told: tuple[IntMatrix, IntMatrix],
        code: int,
    ) -> int:
        """Store a block of answers; return how many pairs are new or better than before.

        Args:
            origins: Rows.
            goals: Columns.
            told: Seconds and metres, −1 where the source knows nothing.
            code: The source; it never overwrites a more trusted one.
        """
        with self._lock:
            rows = np.array([self._slots.get(key_of(one), -1) for one in origins], dtype=np.int64)
            columns = np.array([self._slots.get(key_of(one), -1) for one in goals], dtype=np.int64)
            if not len(self._codes) or not len(rows) or not len(columns):
                return 0
            at = np.ix_(rows, columns)
            better = (told[0] >= 0) & (self._codes[at] <= code)
            better &= (rows >= 0)[:, None] & (columns >= 0)[None, :]
            i, j = np.nonzero(better)
            self._seconds[rows[i], columns[j]] = told[0][i, j]
            self._metres[rows[i], columns[j]] = told[1][i, j]
            self._codes[rows[i], columns[j]] = code
            return len(i)

    def content(self) -> dict[str, Any]:
        """Return all that is known, as arrays to keep: places, the longest unused first."""
        with self._lock:
            slots = np.array(list(self._slots.values()), dtype=np.int64)
            at = np.ix_(slots, slots)
            return {
                "places": np.array(list(self._slots), dtype=np.float64).reshape(-1, 2),
                "seconds": self._seconds[at],
                "metres": self._metres[at],
                "codes": self._codes[at],
            }

    def fill(self, content: dict[str, Any]) -> int:
        """Take over kept content, the places used last if there is not room for all.

        Args:
            content: As `content` gave it.

        Returns:
            Pairs known by it.

        Raises:
            ValueError: The arrays do not fit together.
        """
        places = content["places"]
        squares = [content[name] for name in ("seconds", "metres", "codes")]
        if any(square.shape != (len(places), len(places)) for square in squares):
            raise ValueError("the squares do not fit the places")
        kept = slice(max(0, len(places) - self.capacity), None)
        with self._lock:
            slots = self._take([Point(float(lat), float(lon)) for lat, lon in places[kept]])
            at = np.ix_(slots, slots)
            self._seconds[at], self._metres[at], self._codes[at] = (
                square[kept, kept] for square in squares
            )
            return int(np.count_nonzero(squares[2][kept, kept]))

    def _take(self, places: Sequence[Point]) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
        """Return the slot of each place, −1 for what finds no room beside the others asked for."""
        keys = [key_of(place) for place in places]
        for key in keys:
            if key in self._slots:
                self._slots.move_to_end(key)
        asked = set(keys)
        return np.array([self._slot(key, asked) for key in keys], dtype=np.int64)

    def _slot(self, key: Key, asked: set[Key]) -> int:
        found = self._slots.get(key)
        if found is not None:
            return found
        if not self._free and len(self._codes) < self.capacity:
            self._grow()
        if not self._free:
            oldest = next(iter(self._slots))
            if oldest in asked:
                return -1
            slot = self._slots.pop(oldest)
            self._codes[slot, :] = self._codes[:, slot] = 0
            self._free.append(slot)
        slot = self._slots[key] = self._free.pop()
        return slot

    def _grow(self) -> None:
        before = len(self._codes)
        side = min(self.capacity, max(FIRST_SIDE, 2 * before))
        room = ((0, side - before), (0, side - before))
        self._seconds, self._metres = np.pad(self._seconds, room), np.pad(self._metres, room)
        self._codes = np.pad(self._codes, room)
        self._free.extend(range(side - 1, before - 1, -1))
