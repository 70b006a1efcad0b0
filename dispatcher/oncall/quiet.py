"""When a post may be called for a class of incident: local hours of silence, and when they end.

Knows clocks and nothing of people: the paging policy says which hours belong to whom.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Silence:
    """Local hours in which nobody is called; they may pass midnight, equal ends mean never.

    Attributes:
        starts: First quiet minute.
        ends: First minute in which calls go out again.
    """

    starts: time
    ends: time

    def over_at(self, at: datetime, zone: ZoneInfo) -> datetime:
        """Return when a call asked for at an instant may go out: then, or when silence ends.

        >>> paris = ZoneInfo("Europe/Paris")
        >>> night = Silence(time(22), time(6))
        >>> night.over_at(datetime(2026, 10, 24, 23, 30, tzinfo=paris), paris).isoformat()
        '2026-10-25T06:00:00+01:00'
        """
        local = at.astimezone(zone)
        clock = local.timetz().replace(tzinfo=None)
        passes_midnight = self.ends <= self.starts
        if passes_midnight:
            is_quiet = clock >= self.starts or clock < self.ends
        else:
            is_quiet = self.starts <= clock < self.ends
        if self.starts == self.ends or not is_quiet:
            return at
        later = local.date() + timedelta(days=int(passes_midnight and clock >= self.starts))
        return datetime.combine(later, self.ends, zone)
