"""When a service is open and what it promises, as a council writes it.

The half of a policy that is about time: opening hours, nights, points for parts of the calendar,
promised delays. Turns what people write (``"08:00-12:00 13:00-17:00"``) into what ``deadlines``
counts with; counts nothing itself.
"""

import re
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    model_validator,
)

from priority.calendar import Span, WorkingCalendar
from priority.deadlines import Allowance, Clock, Commitment
from priority.defaults import HOURS

_HOURS_TEXT = re.compile(r"(\d\d):([0-5]\d)-(\d\d):([0-5]\d)", re.ASCII)

Points = Annotated[int, Field(ge=0, le=50)]
"""Points of one rule on one axis."""


class Settings(BaseModel):
    """Base of every part of a policy: frozen, and a misspelt key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def _spans_from_text(value: object) -> object:
    """Read ``"08:00-12:00 13:00-17:00"`` as spans in minutes; leave other shapes to pydantic."""
    if not isinstance(value, str):
        return value
    return tuple(_span_from_text(part) for part in value.split())


def _span_from_text(value: object) -> object:
    if not isinstance(value, str):
        return value
    edges = _HOURS_TEXT.fullmatch(value)
    if edges is None:
        raise ValueError("write hours as 08:00-12:00")
    start_h, start_m, end_h, end_m = (int(part) for part in edges.groups())
    return start_h * 60 + start_m, end_h * 60 + end_m


def _span_to_text(span: Span) -> str:
    return "-".join(f"{edge // 60:02d}:{edge % 60:02d}" for edge in span)


def _is_span(span: Span) -> Span:
    if any(not 0 <= edge <= 1440 for edge in span) or span[0] == span[1]:
        raise ValueError("hours lie between 00:00 and 24:00 and are not empty")
    return span


LocalHours = Annotated[
    Span,
    BeforeValidator(_span_from_text),
    AfterValidator(_is_span),
    PlainSerializer(_span_to_text),
]
OpenHours = Annotated[
    tuple[LocalHours, ...],
    BeforeValidator(_spans_from_text),
    PlainSerializer(lambda spans: " ".join(_span_to_text(span) for span in spans)),
]


class SlotRule(Settings):
    """Points for a part of the calendar.

    Attributes:
        points: Urgency points.
        services: Services concerned; empty means all.
    """

    points: Points
    services: tuple[str, ...] = ()


class AllowanceSettings(Settings):
    """Time allowed, written as hours and minutes that add up.

    On the working clock these are open hours: two days of eight open hours are 16 hours.
    """

    hours: Annotated[int, Field(ge=0, le=24 * 365)] = 0
    minutes: Annotated[int, Field(ge=0, le=60 * 24 * 365)] = 0
    clock: Clock = "calendar"

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.hours == self.minutes == 0:
            raise ValueError("an allowance is at least one minute")
        return self

    def allowance(self) -> Allowance:
        """Return the engine's form."""
        return Allowance(self.hours * 60 + self.minutes, self.clock)


class Promise(Settings):
    """What every incident of a class is promised; what is left out is not promised.

    On one clock each step is promised no later than the next.
    """

    acknowledge_within: AllowanceSettings | None = None
    respond_within: AllowanceSettings | None = None
    make_safe_within: AllowanceSettings | None = None
    restore_within: AllowanceSettings | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        steps = (self.acknowledge_within, self.respond_within, self.make_safe_within)
        told = [one.allowance() for one in (*steps, self.restore_within) if one is not None]
        for earlier, later in pairwise(told):
            if earlier.clock == later.clock and earlier.minutes > later.minutes:
                raise ValueError("promise in order: acknowledge, respond, make safe, restore")
        return self

    def commitment(self) -> Commitment:
        """Return the engine's form."""

        def form(written: AllowanceSettings | None) -> Allowance | None:
            return written.allowance() if written else None

        return Commitment(
            respond=form(self.respond_within),
            restore=form(self.restore_within),
            acknowledge=form(self.acknowledge_within),
            make_safe=form(self.make_safe_within),
        )


class Promises(Settings):
    """One promise for each class; a category may promise more, never less."""

    p1: Promise
    p2: Promise
    p3: Promise
    p4: Promise


class WorkingWeek(Settings):
    """Open hours of each day, written ``"08:00-12:00 13:00-17:00"``; empty text is closed."""

    monday: OpenHours = HOURS
    tuesday: OpenHours = HOURS
    wednesday: OpenHours = HOURS
    thursday: OpenHours = HOURS
    friday: OpenHours = HOURS
    saturday: OpenHours = ()
    sunday: OpenHours = ()


def _is_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"unknown time zone {name!r}") from error
    return name


class CalendarSettings(Settings):
    """Civil time of the service, and what its parts weigh."""

    zone: Annotated[str, AfterValidator(_is_zone)] = "Europe/Paris"
    alsace_moselle: bool = False
    closed_days: tuple[date, ...] = ()
    hours: WorkingWeek = WorkingWeek()
    night_hours: LocalHours = (22 * 60, 6 * 60)
    night: SlotRule = SlotRule(points=4, services=("roads", "winter_service", "public_lighting"))
    week_end: SlotRule = SlotRule(points=2)
    public_holiday: SlotRule = SlotRule(points=2)

    @cached_property
    def working(self) -> WorkingCalendar:
        """The engine's form.

        Raises:
            ValueError: Open hours overlap or are not ascending.
        """
        week = self.hours
        return WorkingCalendar(
            zone=ZoneInfo(self.zone),
            hours=(
                week.monday,
                week.tuesday,
                week.wednesday,
                week.thursday,
                week.friday,
                week.saturday,
                week.sunday,
            ),
            night=self.night_hours,
            alsace_moselle=self.alsace_moselle,
            closed_days=frozenset(self.closed_days),
        )

    @model_validator(mode="after")
    def _is_usable(self) -> Self:
        if not any(self.working.hours):
            raise ValueError("a service is open at least once a week")
        return self
