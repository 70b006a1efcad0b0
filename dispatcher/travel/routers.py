"""Clients of routers that the authority runs: OSRM (`table`) and Valhalla (`sources_to_targets`).

Asked from the background only. An answer is bounded in time and size, judged number by number, and
may be partial: what it does not know stays with the next source.
"""

import asyncio
import json
import math
from collections.abc import Sequence
from typing import Any, Final, Protocol

import httpx
import numpy as np

from scheduling.dispatch.problem import IntMatrix
from scheduling.dispatch.travel import Point

ANSWER_BYTES: Final = 8_000_000
AT_ONCE: Final = 4
"""Requests under way at the same time: a router shared with others must not feel us."""

OSRM_SIDE: Final = 50
"""Origins, and goals, of one request; OSRM refuses more than 100 places by default."""

VALHALLA_SIDE: Final = 40
"""Valhalla refuses more than 2,500 pairs by default."""

LONGEST_S: Final = 86_400
LONGEST_M: Final = 3_000_000
MILE_KM: Final = 1.609344

Block = tuple[IntMatrix, IntMatrix]


class RouterFailed(Exception):
    """The router gave no usable answer; the message says why, without the address."""

    def __init__(self, why: str, *, is_down: bool = True) -> None:
        """Say why.

        Args:
            why: In few words.
            is_down: False when it only refuses what was asked: others may ask something else.
        """
        super().__init__(why)
        self.is_down = is_down


class Router(Protocol):
    """Something that answers tables of times."""

    source: str
    side: int

    async def table(self, origins: Sequence[Point], goals: Sequence[Point]) -> Block:
        """Return seconds and metres, −1 where it knows no way.

        Raises:
            RouterFailed: No usable answer came.
        """
        ...

    async def aclose(self) -> None:
        """Let connections go."""
        ...


class _Http:
    """Bounded requests to one router."""

    def __init__(self, url: str, timeout_s: float) -> None:
        self.url = url.rstrip("/")
        self._timeout_s = timeout_s
        # Redirects and proxies of the environment lead elsewhere than the administrator said.
        self._client = httpx.AsyncClient(timeout=timeout_s, follow_redirects=False, trust_env=False)

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Return the decoded JSON of an answer of success."""
        try:
            # httpx bounds each read; a server that drips bytes needs a bound on the whole.
            async with asyncio.timeout(self._timeout_s):
                text = await self._read(method, path, body)
        except TimeoutError:
            raise RouterFailed("timeout") from None
        except httpx.HTTPError as error:
            raise RouterFailed(type(error).__name__) from error
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise RouterFailed("not JSON") from error

    async def _read(self, method: str, path: str, body: Any) -> bytes:
        async with self._client.stream(method, self.url + path, json=body) as answer:
            if answer.status_code != 200:
                # 400: one of the places is off its map (NoSegment), or the table is too large.
                is_down = answer.status_code != 400
                raise RouterFailed(f"HTTP {answer.status_code}", is_down=is_down)
            parts, size = [], 0
            async for part in answer.aiter_bytes():
                parts.append(part)
                size += len(part)
                if size > ANSWER_BYTES:
                    raise RouterFailed("answer too large")
        return b"".join(parts)

    async def aclose(self) -> None:
        """Let connections go."""
        await self._client.aclose()


class Osrm:
    """OSRM's `table` service, version 1.

    Source: project-osrm.org/docs, HTTP API, "Table service".
    """

    source = "osrm"
    side = OSRM_SIDE

    def __init__(self, url: str, timeout_s: float, profile: str = "driving") -> None:
        """Prepare; nothing is asked before `table`."""
        self._http = _Http(url, timeout_s)
        self._profile = profile

    async def table(self, origins: Sequence[Point], goals: Sequence[Point]) -> Block:
        """Return seconds and metres of one block."""
        places = ";".join(f"{p.lon:.6f},{p.lat:.6f}" for p in (*origins, *goals))
        first = ";".join(str(i) for i in range(len(origins)))
        last = ";".join(str(len(origins) + i) for i in range(len(goals)))
        answer = await self._http.ask(
            "GET",
            f"/table/v1/{self._profile}/{places}"
            f"?sources={first}&destinations={last}&annotations=duration,distance",
        )
        if not isinstance(answer, dict) or answer.get("code") != "Ok":
            code = answer.get("code") if isinstance(answer, dict) else None
            raise RouterFailed(f"code {code}"[:60], is_down=False)
        shape = (len(origins), len(goals))
        # A server without distances in its data is refused: lengths are shown and paid for.
        return _judged(_grid(answer.get("durations"), shape), _grid(answer.get("distances"), shape))

    async def aclose(self) -> None:
        """Let connections go."""
        await self._http.aclose()


class Valhalla:
    """Valhalla's `sources_to_targets`, in its long and its short form.

    Source: valhalla.github.io, "Time-Distance Matrix service API".
    """

    source = "valhalla"
    side = VALHALLA_SIDE

    def __init__(self, url: str, timeout_s: float, costing: str = "auto") -> None:
        """Prepare; nothing is asked before `table`."""
        self._http = _Http(url, timeout_s)
        self._costing = costing

    async def table(self, origins: Sequence[Point], goals: Sequence[Point]) -> Block:
        """Return seconds and metres of one block."""
        answer = await self._http.ask(
            "POST",
            "/sources_to_targets",
            {
                "sources": [{"lat": p.lat, "lon": p.lon} for p in origins],
                "targets": [{"lat": p.lat, "lon": p.lon} for p in goals],
                "costing": self._costing,
                "units": "kilometers",
            },
        )
        cells = answer.get("sources_to_targets") if isinstance(answer, dict) else None
        shape = (len(origins), len(goals))
        if isinstance(cells, dict):
            times, kilometres = cells.get("durations"), cells.get("distances")
        elif isinstance(cells, list):
            times, kilometres = _of_cells(cells, "time"), _of_cells(cells, "distance")
        else:
            raise RouterFailed("no matrix")
        unit = MILE_KM if answer.get("units") == "miles" else 1.0
        return _judged(_grid(times, shape), _grid(kilometres, shape) * 1000 * unit)

    async def aclose(self) -> None:
        """Let connections go."""
        await self._http.aclose()


def _of_cells(rows: Sequence[Any], name: str) -> list[list[Any]]:
    try:
        return [[cell[name] for cell in row] for row in rows]
    except (TypeError, KeyError) as error:
        raise RouterFailed("malformed matrix") from error


def _grid(told: Any, shape: tuple[int, int]) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    """Return numbers, NaN for what is null or no number; refuse another shape than asked."""
    rows = told if isinstance(told, list) else None
    if rows is None or len(rows) != shape[0]:
        raise RouterFailed("malformed matrix")
    grid = np.full(shape, np.nan)
    for i, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != shape[1]:
            raise RouterFailed("malformed matrix")
        for j, value in enumerate(row):
            if isinstance(value, int | float) and not isinstance(value, bool):
                grid[i, j] = value if math.isfinite(value) else np.nan
    return grid


def _judged(seconds: Any, metres: Any) -> Block:
    """Return whole numbers, −1 for pairs that are unknown or beyond belief."""
    fine = np.isfinite(seconds) & np.isfinite(metres)
    fine &= (np.nan_to_num(seconds) >= 0) & (np.nan_to_num(seconds) <= LONGEST_S)
    fine &= (np.nan_to_num(metres) >= 0) & (np.nan_to_num(metres) <= LONGEST_M)
    return (
        np.where(fine, np.rint(np.nan_to_num(seconds)), -1).astype(np.int32),
        np.where(fine, np.rint(np.nan_to_num(metres)), -1).astype(np.int32),
    )
