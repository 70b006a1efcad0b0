"""Hours and days as citizens read them, in their language and in the civil time of the service."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dispatcher.i18n import Locale, sentences, t

PREFIX = "citizen."


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one page.

    Attributes:
        locale: Language of the reader.
        zone: Civil time of the service.
        now: Service time of the page, aware.
    """

    locale: Locale
    zone: ZoneInfo
    now: datetime

    def say(self, key: str, **params: object) -> str:
        """Return the sentence of a citizens' key."""
        return t(self.locale, PREFIX + key, **params)

    def has(self, key: str) -> bool:
        """Return whether somebody wrote a sentence for a key."""
        return PREFIX + key in sentences(self.locale)

    def hour(self, at: datetime) -> str:
        """Return the hour, e.g. `14:07`."""
        return at.astimezone(self.zone).strftime("%H:%M")

    def day(self, at: datetime) -> str:
        """Return today, tomorrow, yesterday, or the date in words."""
        local, today = at.astimezone(self.zone).date(), self.now.astimezone(self.zone).date()
        near = {0: "today", 1: "tomorrow", -1: "yesterday"}.get((local - today).days)
        if near is not None:
            return self.say(near)
        weekdays, months = self.say("weekdays").split(), self.say("months").split()
        number = self.say("first") if local.day == 1 else str(local.day)
        return self.say(
            "date", weekday=weekdays[local.weekday()], day=number, month=months[local.month - 1]
        )

    def moment(self, at: datetime) -> str:
        """Return the hour, with the day when it is not today's."""
        local, today = at.astimezone(self.zone).date(), self.now.astimezone(self.zone).date()
        if local == today:
            return self.hour(at)
        return self.say("moment", day=self.day(at), hour=self.hour(at))

    def window(self, start: datetime, end: datetime) -> str:
        """Return a window; its end is on the day of its start in practice (windows are short)."""
        late = max(end, start + timedelta(minutes=5))
        return self.say("track.window.hours", start=self.hour(start), end=self.hour(late))
