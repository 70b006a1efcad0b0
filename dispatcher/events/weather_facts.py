"""What happened because the weather is warned of."""

from typing import Literal

from dispatcher.events.base import DomainEvent
from dispatcher.events.weather_states import WarningColour, WarningSource


class WeatherChanged(DomainEvent):
    """The weather warnings are others than before, or their feed fell silent or spoke again.

    `source` is who said so, or `time` where a warning is over; `warnings` how many there are now,
    `worst` their highest level.
    """

    type: Literal["weather.changed"] = "weather.changed"
    source: WarningSource | Literal["time"]
    warnings: int
    worst: WarningColour | None
