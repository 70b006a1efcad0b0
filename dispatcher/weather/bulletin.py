"""The vigilance bulletin of Météo-France, read: which warnings it holds for one département.

Source: Météo-France, API DPVigilance v1, `cartevigilance/encours` (Licence Ouverte 2.0). Colours
run from 1 (green) to 4 (red); a département that is not in the bulletin is unknown, not green.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from dispatcher.events.weather_states import Phenomenon, WarningColour, WarningState

PHENOMENA: Mapping[str, Phenomenon] = {
    "1": "wind",
    "2": "rain_flood",
    "3": "thunderstorm",
    "4": "flood",
    "5": "snow_ice",
    "6": "heat",
    "7": "extreme_cold",
    "8": "avalanche",
    "9": "waves",
}
COLOURS: Mapping[int, WarningColour] = {2: "yellow", 3: "orange", 4: "red"}


class UnreadableBulletin(ValueError):
    """What came is no bulletin, or does not speak of the département."""


@dataclass(frozen=True, slots=True)
class Bulletin:
    """What one bulletin says of one département.

    Attributes:
        issued_at: Aware.
        warnings: Yellow and worse, one for each stretch of one level of one phenomenon.
    """

    issued_at: datetime
    warnings: tuple[WarningState, ...]


class _Stretch(BaseModel):
    begin_time: AwareDatetime
    end_time: AwareDatetime
    color_id: int = Field(ge=1, le=4)


class _Phenomenon(BaseModel):
    phenomenon_id: str
    timelaps_items: list[_Stretch] = Field(default_factory=list)


class _Domain(BaseModel):
    domain_id: str
    phenomenon_items: list[_Phenomenon] = Field(default_factory=list)


class _Timelaps(BaseModel):
    domain_ids: list[_Domain]


class _Period(BaseModel):
    timelaps: _Timelaps


class _Product(BaseModel):
    update_time: AwareDatetime
    periods: list[_Period]


class _Document(BaseModel):
    product: _Product


def read_bulletin(body: bytes, department: str) -> Bulletin:
    """Return what a bulletin says.

    Args:
        body: JSON as served.
        department: Its number as the bulletin has it, `19` for the Corrèze.

    Raises:
        UnreadableBulletin: It is no bulletin, or the département is not in it.
    """
    try:
        product = _Document.model_validate_json(body).product
    except ValidationError as error:
        first: Any = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        raise UnreadableBulletin(f"{where}: {first['msg']}") from error
    domains = [
        domain
        for period in product.periods
        for domain in period.timelaps.domain_ids
        if domain.domain_id == department
    ]
    if not domains:
        raise UnreadableBulletin(f"département {department} is not in it")
    found = {one for domain in domains for one in _warnings(domain)}
    return Bulletin(product.update_time, tuple(_joined(found)))


def _warnings(domain: _Domain) -> Iterator[tuple[Phenomenon, WarningColour, datetime, datetime]]:
    for item in domain.phenomenon_items:
        phenomenon = PHENOMENA.get(item.phenomenon_id)
        for stretch in item.timelaps_items:
            colour = COLOURS.get(stretch.color_id)
            # A phenomenon that the map gets one day is not ours to guess; the others still count.
            if phenomenon and colour and stretch.end_time > stretch.begin_time:
                yield phenomenon, colour, stretch.begin_time, stretch.end_time


def _joined(
    found: set[tuple[Phenomenon, WarningColour, datetime, datetime]],
) -> Sequence[WarningState]:
    """Join stretches of one level that touch: today's last and tomorrow's first are one."""
    joined: list[tuple[Phenomenon, WarningColour, datetime, datetime]] = []
    for phenomenon, colour, start, end in sorted(found):
        last = joined[-1] if joined else None
        if last is not None and last[:2] == (phenomenon, colour) and start <= last[3]:
            joined[-1] = (phenomenon, colour, last[2], max(end, last[3]))
        else:
            joined.append((phenomenon, colour, start, end))
    return [
        WarningState(
            phenomenon=phenomenon,
            colour=colour,
            starts_at=start,
            ends_at=end,
            source="meteofrance",
        )
        for phenomenon, colour, start, end in joined
    ]
