"""Wire models of weather warnings."""

from typing import Self

from pydantic import AwareDatetime, Field, model_validator

from dispatcher.events.weather_states import Phenomenon, WarningColour
from dispatcher.wire import In

WARNINGS_AT_MOST = 40


class WarningIn(In):
    """One warning; `ends_at` is null while the end is unknown."""

    phenomenon: Phenomenon
    colour: WarningColour
    starts_at: AwareDatetime
    ends_at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if self.ends_at is not None and self.ends_at <= self.starts_at:
            raise ValueError("a warning ends after it starts")
        return self


class WeatherIn(In):
    """All warnings that people write down; `replaces` is the version that was read, 0 for none.

    Those of a bulletin are not among them: they stay.
    """

    warnings: list[WarningIn] = Field(max_length=WARNINGS_AT_MOST)
    replaces: int = Field(ge=0)
