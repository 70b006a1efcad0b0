"""A strict reader of iCalendar text, written from RFC 5545 alone: what a feed must be for a client.

It shares nothing with the writer and forgives nothing: line ends, folding, properties once each,
texts unescaped, local times turned into instants by the zone that the file itself defines.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

_NAME = re.compile(
    r"^([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=(?:\"[^\"]*\"|[^\";:,]*))*):(.*)$", re.DOTALL
)
_OFFSET = re.compile(r"^([+-])(\d\d)(\d\d)$")


class NotACalendarError(ValueError):
    """The text breaks RFC 5545; the message says where."""


@dataclass
class Property:
    """A content line: its parameters and its raw value."""

    params: dict[str, str]
    value: str


@dataclass
class Component:
    """BEGIN to END."""

    name: str
    properties: dict[str, list[Property]] = field(default_factory=dict)
    parts: list["Component"] = field(default_factory=list)

    def one(self, name: str) -> Property:
        """A property that must be there once (RFC 5545, 3.6)."""
        found = self.properties.get(name, [])
        if len(found) != 1:
            raise NotACalendarError(f"{self.name}: {len(found)} × {name}")
        return found[0]

    def all(self, name: str) -> list["Component"]:
        """The components of a name inside this one."""
        return [part for part in self.parts if part.name == name]


@dataclass(frozen=True)
class Event:
    """What a client shows: instants in UTC, text unescaped."""

    uid: str
    start: datetime
    end: datetime
    summary: str
    sequence: int


def events(octets: bytes) -> list[Event]:
    """The events of a feed, judged and in order."""
    calendar = parse(octets)
    if calendar.one("VERSION").value != "2.0" or not calendar.one("PRODID").value:
        raise NotACalendarError("VERSION and PRODID")
    zones = {zone.one("TZID").value: zone for zone in calendar.all("VTIMEZONE")}
    found = []
    for event in calendar.all("VEVENT"):
        if not re.fullmatch(r"\d{8}T\d{6}Z", event.one("DTSTAMP").value):
            raise NotACalendarError("DTSTAMP must be in UTC")
        found.append(
            Event(
                event.one("UID").value,
                _instant(event.one("DTSTART"), zones),
                _instant(event.one("DTEND"), zones),
                _text(event.one("SUMMARY").value),
                int(event.one("SEQUENCE").value),
            )
        )
    if len({event.uid for event in found}) != len(found):
        raise NotACalendarError("two events of one UID")
    if any(event.end <= event.start for event in found):
        raise NotACalendarError("an event ends before it begins")
    return found


def parse(octets: bytes) -> Component:
    """The calendar of a stream (RFC 5545, 3.1 and 3.4)."""
    if not octets.endswith(b"\r\n") or re.search(rb"(?<!\r)\n|\r(?!\n)", octets):
        raise NotACalendarError("lines end in CRLF")
    for raw in octets.split(b"\r\n"):
        if len(raw) > 75:
            raise NotACalendarError("a line is longer than 75 octets")
        raw.decode()  # a fold inside a character leaves half of it on each line
    lines = octets.decode().replace("\r\n ", "").replace("\r\n\t", "").split("\r\n")[:-1]
    root = Component("")
    stack = [root]
    for line in lines:
        _take(line, stack)
    if len(stack) != 1 or [part.name for part in root.parts] != ["VCALENDAR"]:
        raise NotACalendarError("one VCALENDAR, closed")
    return root.parts[0]


def _take(line: str, stack: list[Component]) -> None:
    match = _NAME.match(line)
    if match is None:
        raise NotACalendarError(f"no content line: {line!r}")
    name, params, value = match.group(1).upper(), match.group(2), match.group(3)
    if name == "BEGIN":
        part = Component(value)
        stack[-1].parts.append(part)
        stack.append(part)
    elif name == "END":
        if stack.pop().name != value:
            raise NotACalendarError(f"END:{value} closes something else")
    else:
        pairs = dict(one.split("=", 1) for one in params.split(";") if one)
        stack[-1].properties.setdefault(name, []).append(Property(pairs, value))


def _text(value: str) -> str:
    if re.search(r"(?<!\\)(?:\\\\)*[;,]", value):
        raise NotACalendarError(f"unescaped text: {value!r}")
    return re.sub(r"\\([\\;,nN])", lambda m: "\n" if m[1] in "nN" else m[1], value)


def _instant(time: Property, zones: dict[str, Component]) -> datetime:
    if time.value.endswith("Z"):
        return datetime.strptime(time.value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    zone = zones.get(time.params.get("TZID", ""))
    if zone is None:
        raise NotACalendarError(f"a zone the file does not define: {time.params}")
    local = _local(time.value)
    turns = [turn for part in zone.parts for turn in _turns(part, local.year)]
    before = [turn for turn in turns if turn[0] <= local]
    offset = max(before)[1]
    return local - offset


def _local(value: str) -> datetime:
    """A civil time, without a zone until the file's own rules give it one."""
    return datetime.strptime(f"{value}Z", "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def _turns(part: Component, year: int) -> list[tuple[datetime, timedelta]]:
    """When an observance begins in a year and the one before, in local time, and its offset."""
    first = _local(part.one("DTSTART").value)
    rule = dict(one.split("=") for one in part.one("RRULE").value.split(";"))
    if rule.keys() != {"FREQ", "BYMONTH", "BYDAY"} or rule["BYDAY"] != "-1SU":
        raise NotACalendarError(f"a rule this reader does not know: {rule}")
    sign, hours, minutes = _OFFSET.match(part.one("TZOFFSETTO").value).groups()  # type: ignore[union-attr]
    offset = timedelta(hours=int(hours), minutes=int(minutes)) * (1 if sign == "+" else -1)
    month = int(rule["BYMONTH"])
    found = []
    for each in (year - 1, year):
        day = datetime(each + month // 12, month % 12 + 1, 1, first.hour, first.minute, tzinfo=UTC)
        day -= timedelta(days=1)
        while day.weekday() != 6:
            day -= timedelta(days=1)
        found.append((day, offset))
    return found
