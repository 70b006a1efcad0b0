from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from priority.calendar import Holiday, WorkingCalendar, easter, is_within, public_holidays
from priority.deadlines import (
    Allowance,
    Commitment,
    DueTimes,
    Pause,
    due_at,
    due_times,
    elapsed,
    paused_by_reason,
)

PARIS = ZoneInfo("Europe/Paris")
DAY = ((8 * 60, 12 * 60), (13 * 60, 17 * 60))
CALENDAR = WorkingCalendar(PARIS, (DAY, DAY, DAY, DAY, DAY, (), ()))
ALWAYS = WorkingCalendar(PARIS, (((0, 1440),),) * 7)
YEARS = range(2000, 2051)


def paris(text: str) -> datetime:
    """Return a civil time in Paris as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=PARIS).astimezone(UTC)


def working(hours: float) -> Allowance:
    return Allowance(round(hours * 60), "working")


def changes_of_hour(year: int) -> Iterator[date]:
    """Yield the last Sundays of March and October. Source: directive 2000/84/CE."""
    for month in (3, 10):
        last = date(year, month, 31)
        yield last - timedelta(days=(last.weekday() + 1) % 7)


@st.composite
def instants(draw: st.DrawFn) -> datetime:
    return datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=draw(st.integers(0, 3 * 525_600)))


@st.composite
def pauses(draw: st.DrawFn) -> list[Pause]:
    found = []
    for _ in range(draw(st.integers(0, 4))):
        start = draw(instants())
        found.append(Pause(start, start + timedelta(minutes=draw(st.integers(0, 20_000)))))
    return found


# --- holidays -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "day"),
    [
        (1818, date(1818, 3, 22)),  # the earliest Easter there is
        (1943, date(1943, 4, 25)),  # the latest
        (2008, date(2008, 3, 23)),
        (2026, date(2026, 4, 5)),
        (2038, date(2038, 4, 25)),
    ],
)
def test_easter_falls_on_the_known_sundays(year: int, day: date) -> None:
    assert easter(year) == day


def test_holidays_are_those_of_an_independent_calendar() -> None:
    # From 2005 to 2007 Whit Monday was worked as the day of solidarity.
    for year in range(2008, 2051):
        assert set(public_holidays(year)) == set(holidays.France(years=year))
        local = holidays.France(years=year, subdiv="57")
        assert set(public_holidays(year, alsace_moselle=True)) == set(local)


def test_holidays_come_in_order_with_their_names() -> None:
    found = public_holidays(2026)

    assert list(found) == sorted(found)
    assert found[date(2026, 5, 14)] is Holiday.ASCENSION
    assert found[date(2026, 11, 11)] is Holiday.ARMISTICE
    assert len(found) == 11


def test_two_holidays_on_one_day_make_one_day() -> None:
    assert len(public_holidays(2008)) == 10
    assert public_holidays(2008)[date(2008, 5, 1)] is Holiday.LABOUR_DAY


# --- the calendar ---------------------------------------------------------------------------------


def test_a_service_is_open_in_its_hours_only() -> None:
    opened = ["2026-11-24T08:00", "2026-11-24T11:59", "2026-11-24T13:00"]
    shut = ["2026-11-24T07:59", "2026-11-24T12:00", "2026-11-24T17:00", "2026-11-28T10:00"]

    assert all(CALENDAR.is_open(paris(at)) for at in opened)
    assert not any(CALENDAR.is_open(paris(at)) for at in shut)


def test_a_service_is_closed_on_holidays_and_its_own_closing_days() -> None:
    ours = replace(CALENDAR, closed_days=frozenset({date(2026, 5, 15)}))

    assert not ours.is_open(paris("2026-05-14T10:00"))
    assert not ours.is_open(paris("2026-05-15T10:00"))
    assert ours.is_open(paris("2026-05-18T10:00"))


def test_good_friday_is_worked_except_in_alsace_moselle() -> None:
    good_friday = paris("2026-04-03T10:00")

    assert CALENDAR.is_open(good_friday)
    assert not replace(CALENDAR, alsace_moselle=True).is_open(good_friday)


def test_nights_and_week_ends_follow_the_clock_on_the_wall() -> None:
    assert CALENDAR.is_night(paris("2026-07-01T22:00"))
    assert CALENDAR.is_night(paris("2026-07-01T05:59"))
    assert not CALENDAR.is_night(paris("2026-07-01T06:00"))
    assert CALENDAR.is_week_end(paris("2026-11-28T00:00"))
    assert not CALENDAR.is_week_end(paris("2026-11-27T23:59"))


def test_a_span_may_lie_within_a_day_or_cross_midnight() -> None:
    noon = datetime(2026, 1, 1, 12)

    assert is_within((8 * 60, 18 * 60), noon)
    assert not is_within((8 * 60, 12 * 60), noon)
    assert not is_within((22 * 60, 6 * 60), noon)


def test_a_week_has_seven_days() -> None:
    with pytest.raises(ValueError, match="seven"):
        WorkingCalendar(PARIS, (DAY,) * 5)


@pytest.mark.parametrize("spans", [((60, 30),), ((0, 60), (30, 90)), ((0, 1500),), ((-5, 5),)])
def test_open_spans_are_ascending_and_apart(spans: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(ValueError, match="ascending"):
        WorkingCalendar(PARIS, (spans, *((),) * 6))


# --- due times ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-11-24T14:07", 2, "2026-11-24T16:07"),
        ("2026-11-24T11:30", 1, "2026-11-24T13:30"),  # lunch does not count
        ("2026-11-24T08:00", 8, "2026-11-24T17:00"),  # spent at closing, due at closing
        ("2026-11-24T16:30", 1, "2026-11-25T08:30"),
        ("2026-11-27T16:00", 2, "2026-11-30T09:00"),  # over the week-end
        ("2026-11-10T16:00", 2, "2026-11-12T09:00"),  # over Armistice
        ("2026-12-24T16:00", 9, "2026-12-28T17:00"),  # over Christmas and the week-end
        ("2026-11-24T22:00", 1, "2026-11-25T09:00"),
    ],
)
def test_working_time_stops_when_the_service_is_closed(start: str, hours: int, due: str) -> None:
    assert due_at(paris(start), working(hours), CALENDAR) == paris(due)


def test_calendar_time_never_stops() -> None:
    assert due_at(paris("2026-12-24T16:00"), Allowance(24 * 60), CALENDAR) == paris(
        "2026-12-25T16:00"
    )


def test_a_pause_moves_what_is_due() -> None:
    held = [Pause(paris("2026-11-24T15:00"), paris("2026-11-25T09:00"))]

    assert due_at(paris("2026-11-24T14:00"), working(2), CALENDAR, held) == paris(
        "2026-11-25T10:00"
    )


def test_pauses_may_overlap_and_come_in_any_order() -> None:
    held = [
        Pause(paris("2026-11-24T15:30"), paris("2026-11-24T16:00")),
        Pause(paris("2026-11-24T14:00"), paris("2026-11-24T15:45")),
        Pause(paris("2026-11-24T14:30"), paris("2026-11-24T15:00")),
    ]

    assert due_at(paris("2026-11-24T13:00"), Allowance(120), CALENDAR, held) == paris(
        "2026-11-24T17:00"
    )


@pytest.mark.parametrize("clock", ["calendar", "working"])
def test_nothing_is_due_while_a_pause_lasts(clock: str) -> None:
    allowed = Allowance(120, "working" if clock == "working" else "calendar")
    open_end = [Pause(paris("2026-11-24T15:00"))]

    assert due_at(paris("2026-11-24T14:00"), allowed, CALENDAR, open_end) is None
    assert due_at(paris("2026-11-24T10:00"), Allowance(60), CALENDAR, open_end) is not None


def test_the_stricter_of_two_commitments_binds() -> None:
    of_class = Commitment(respond=working(16), restore=working(40))
    of_category = Commitment(respond=Allowance(240))

    assert due_times(paris("2026-11-24T14:00"), [of_class, of_category], CALENDAR) == DueTimes(
        respond_by=paris("2026-11-24T18:00"), restore_by=paris("2026-12-01T14:00")
    )


def test_nothing_promised_is_nothing_due() -> None:
    assert due_times(paris("2026-11-24T14:00"), [Commitment()], CALENDAR) == DueTimes(None, None)


def test_an_allowance_and_a_pause_must_be_possible() -> None:
    with pytest.raises(ValueError, match="one minute"):
        Allowance(0)
    with pytest.raises(ValueError, match="end before"):
        Pause(paris("2026-11-24T15:00"), paris("2026-11-24T14:00"))


def test_a_calendar_that_never_opens_is_told_not_searched_for_ever() -> None:
    with pytest.raises(ValueError, match="more than a year"):
        due_at(paris("2026-11-24T14:00"), working(1), WorkingCalendar(PARIS, ((),) * 7))


# --- days of 23 and 25 hours ----------------------------------------------------------------------


def test_every_day_the_hour_changes_has_23_or_25_hours() -> None:
    for year in YEARS:
        for day, hours in zip(changes_of_hour(year), (23, 25), strict=True):
            midnight = datetime.combine(day, time(), PARIS)
            next_midnight = datetime.combine(day + timedelta(days=1), time(), PARIS)
            counted = elapsed((midnight, next_midnight), "working", ALWAYS)
            # The last Sunday of March can be Easter; a holiday is closed all day.
            expected = 0 if ALWAYS.holiday(day) else hours
            assert counted == timedelta(hours=expected)


def test_working_days_around_a_change_of_hour_keep_their_eight_hours() -> None:
    for year in YEARS:
        for sunday in changes_of_hour(year):
            friday = datetime.combine(sunday - timedelta(days=2), time(16), PARIS)
            due = due_at(friday, working(2), CALENDAR)
            assert due is not None
            monday = due.astimezone(PARIS)
            assert (monday.hour, monday.minute) == (9, 0) or CALENDAR.holiday(friday.date())
            assert CALENDAR.holiday(monday.date()) is None


def test_hours_that_spring_skips_are_not_open() -> None:
    night_shift = WorkingCalendar(PARIS, (((120, 180),),) * 7)

    in_march = (paris("2027-03-28T00:00"), paris("2027-03-29T00:00"))
    in_october = (paris("2026-10-25T00:00"), paris("2026-10-26T00:00"))

    assert elapsed(in_march, "working", night_shift) == timedelta(0)
    # From two o'clock, first pass, to three: two hours.
    assert elapsed(in_october, "working", night_shift) == timedelta(hours=2)


# --- laws -----------------------------------------------------------------------------------------


@given(instants(), st.integers(1, 12_000), pauses(), st.sampled_from(["calendar", "working"]))
@settings(max_examples=150)
def test_what_is_due_is_when_the_time_counted_equals_the_allowance(
    start: datetime, minutes: int, held: list[Pause], clock: str
) -> None:
    allowed = Allowance(minutes, "working" if clock == "working" else "calendar")

    due = due_at(start, allowed, CALENDAR, held)

    assert due is not None
    assert elapsed((start, due), allowed.clock, CALENDAR, held) == timedelta(minutes=minutes)
    just_before = due - timedelta(seconds=1)
    assert elapsed((start, just_before), allowed.clock, CALENDAR, held) < timedelta(minutes=minutes)


@given(instants(), st.integers(1, 5_000), st.integers(1, 5_000), pauses())
@settings(max_examples=100)
def test_more_time_or_more_pauses_are_never_due_earlier(
    start: datetime, minutes: int, more: int, held: list[Pause]
) -> None:
    def due(allowed: int, during: list[Pause]) -> datetime:
        found = due_at(start, Allowance(allowed, "working"), CALENDAR, during)
        assert found is not None
        return found

    assert due(minutes + more, held) > due(minutes, held)
    assert due(minutes, held) >= due(minutes, [])


def test_an_interval_that_ends_before_it_starts_counts_nothing() -> None:
    backwards = (paris("2026-11-24T15:00"), paris("2026-11-24T14:00"))

    assert elapsed(backwards, "calendar", CALENDAR) == timedelta(0)


CHANGES_OF_HOUR = [day for year in YEARS for day in changes_of_hour(year)]


@pytest.mark.parametrize("minutes", [5, 90, 24 * 60, 3 * 24 * 60])
def test_calendar_time_is_exact_over_every_change_of_hour(minutes: int) -> None:
    for day in CHANGES_OF_HOUR:
        start = datetime.combine(day, time(0, 30), tzinfo=PARIS) - timedelta(hours=12)
        due = due_at(start, Allowance(minutes), CALENDAR)

        assert due is not None
        assert due - start.astimezone(UTC) == timedelta(minutes=minutes)


def test_working_time_is_exact_over_every_change_of_hour() -> None:
    for day in CHANGES_OF_HOUR:
        start = datetime.combine(day - timedelta(days=2), time(16), tzinfo=PARIS)
        due = due_at(start, Allowance(16 * 60, "working"), CALENDAR)

        assert due is not None
        assert elapsed((start, due), "working", CALENDAR) == timedelta(hours=16)
        assert CALENDAR.is_open(due - timedelta(minutes=1))


def test_each_promise_falls_due_by_its_own_allowance() -> None:
    start = datetime(2026, 11, 24, 9, tzinfo=UTC)
    promised = Commitment(Allowance(60), Allowance(480), Allowance(5), Allowance(120))

    dues = due_times(start, [promised, Commitment(acknowledge=Allowance(3))], CALENDAR)

    minutes = [
        (at - start) / timedelta(minutes=1)
        for at in (dues.acknowledge_by, dues.respond_by, dues.make_safe_by, dues.restore_by)
        if at is not None
    ]
    assert minutes == [3, 60, 120, 480]


def test_a_pause_is_charged_to_its_reason() -> None:
    start = datetime(2026, 11, 24, 9, tzinfo=UTC)
    hour = timedelta(hours=1)
    pauses = [
        Pause(start + hour, start + 2 * hour, "awaiting_citizen"),
        Pause(start + 3 * hour, start + 5 * hour, "awaiting_concessionaire"),
        Pause(start + 6 * hour, start + 7 * hour, "awaiting_citizen"),
    ]

    charged = paused_by_reason((start, start + 8 * hour), "calendar", CALENDAR, pauses)

    assert charged == {"awaiting_citizen": 2 * hour, "awaiting_concessionaire": 2 * hour}
