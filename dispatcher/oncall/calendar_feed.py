"""Turns as an iCalendar feed that real clients read, behind a secret link.

Source: RFC 5545 (September 2009): lines fold at 75 octets and end in CRLF, text is escaped, a
local time names a zone that the file itself defines.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from dispatcher.models import OnCallDuty

PAST_SHOWN = timedelta(weeks=8)
FOLD_OCTETS = 75
ZONE = ZoneInfo("Europe/Paris")

PARIS = (
    "BEGIN:VTIMEZONE",
    "TZID:Europe/Paris",
    "BEGIN:DAYLIGHT",
    "TZOFFSETFROM:+0100",
    "TZOFFSETTO:+0200",
    "TZNAME:CEST",
    "DTSTART:19960331T020000",
    "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
    "END:DAYLIGHT",
    "BEGIN:STANDARD",
    "TZOFFSETFROM:+0200",
    "TZOFFSETTO:+0100",
    "TZNAME:CET",
    "DTSTART:19961027T030000",
    "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
    "END:STANDARD",
    "END:VTIMEZONE",
)
"""The European rule since 1996 (directive 2000/84/CE)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One turn as a calendar shows it.

    Attributes:
        duty: The turn.
        title: One line.
        sequence: Rises when the rota does, so that clients take the newer one.
    """

    duty: OnCallDuty
    title: str
    sequence: int


def calendar(name: str, entries: Sequence[Entry], stamp: datetime, host: str) -> str:
    """Return a feed.

    Args:
        name: Name of the calendar.
        entries: Its turns.
        stamp: When the feed was made, aware.
        host: Makes the ids of events ours.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//CPO//Astreintes//FR",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(name)}",
        "X-WR-TIMEZONE:Europe/Paris",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        *PARIS,
        *(line for entry in entries for line in _event(entry, stamp, host)),
        "END:VCALENDAR",
    ]
    return "".join(f"{folded(line)}\r\n" for line in lines)


def _event(entry: Entry, stamp: datetime, host: str) -> Iterable[str]:
    duty = entry.duty
    yield "BEGIN:VEVENT"
    # The same turn keeps its id from one rota to the next: clients then move it, not double it.
    yield f"UID:{duty.post}-{duty.week}-{duty.person_id}@{host}"
    yield f"DTSTAMP:{stamp.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield f"SEQUENCE:{entry.sequence}"
    for field, at in (("DTSTART", duty.start_at), ("DTEND", duty.end_at)):
        yield f"{field};TZID=Europe/Paris:{_local(at)}"
    yield f"SUMMARY:{escaped(entry.title)}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _local(at: datetime) -> str:
    return f"{at.astimezone(ZONE):%Y%m%dT%H%M%S}"


def escaped(text: str) -> str:
    r"""Return a text value.

    >>> escaped("Tulle, nuit; voir\n« X »")
    'Tulle\\, nuit\\; voir\\n« X »'
    """
    for plain, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(plain, written)
    return text.replace("\r", "")


def folded(line: str) -> str:
    """Return a line folded at 75 octets, never inside a character."""
    parts: list[str] = []
    rest = line
    while len(rest.encode()) > FOLD_OCTETS - (1 if parts else 0):
        room, at = FOLD_OCTETS - (1 if parts else 0), 0
        size = 0
        while size + len(rest[at].encode()) <= room:
            size += len(rest[at].encode())
            at += 1
        parts.append(rest[:at])
        rest = rest[at:]
    return "\r\n ".join([*parts, rest])
