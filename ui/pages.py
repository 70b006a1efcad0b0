"""The citizens' pages as text: which words, which step, which hours; nothing of HTTP or tables.

Every page works without JavaScript. The sentences come from the caller's dictionary, so that this
package knows no language; instants come in aware and are shown in the service's civil time.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Literal, Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ui import DIST, TEMPLATES

Locale = Literal["fr", "en"]
Compliance = Literal["none", "partial", "full"]

# The way of a request that a crew attends to; the other steps end it early.
WAY = ("received", "examined", "planned", "en_route", "on_site", "done")
# These are instants: once reached they are behind, and the next one is under way.
INSTANTS = {"received", "examined", "done"}
EARLY_ENDS = {"answered", "transferred", "cancelled"}

PICTURES = (
    (r"snow|ice|frost|winter", "snowflake"),
    (r"light|lamp|signal", "lamp-floor"),
    (r"(?<!s)tree|branch|green", "tree-deciduous"),
    (r"electr|cable|energy|telecom", "zap"),
    (r"waste|dump|clean", "trash"),
    (r"water|leak|sewer|drain|flood", "droplets"),
    (r"road|pothole|pavement|bridge|landslide", "construction"),
)


class Translate(Protocol):
    """Anything that gives the sentence of a key with its blanks filled in."""

    def __call__(self, locale: Locale, key: str, /, **params: object) -> str:
        """Return the sentence, or the key when there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Choice:
    """A kind of problem offered as a picture on the report form."""

    code: str
    label: str
    service: str = ""

    @property
    def picture(self) -> str:
        """The icon's name; an authority's catalogue may hold kinds that we have never seen."""
        words = f"{self.code} {self.service}".lower()
        return next((icon for stem, icon in PICTURES if re.search(stem, words)), "circle-ellipsis")


@dataclass(frozen=True, slots=True)
class ReportForm:
    """What the report form shows.

    Attributes:
        key: Idempotency key of this form: pressing the button twice stores nothing twice.
        communes: Names offered while typing.
        choices: Kinds of problem offered as pictures, the most frequent first.
        values: What was typed, by field name, when the form comes back.
        errors: Field name -> key of a sentence under `citizen.error.`.
        danger: The danger word found in the text; the page then asks to call before it sends.
    """

    key: str
    communes: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    danger: str | None = None


@dataclass(frozen=True, slots=True)
class Followed:
    """What the tracking page shows of a request, in its reader's language.

    Attributes:
        ref: What people quote on the phone.
        step: Where it stands; one of `WAY`, `closed`, or an early end.
        stamps: Step -> instant it was reached (aware).
        window_from: Start of the expected window, if a crew is planned.
        window_to: Its end.
    """

    ref: str
    step: str
    category: str
    place: str | None
    commune: str | None
    reports: int
    updated_at: datetime
    stamps: Mapping[str, datetime] = field(default_factory=dict)
    window_from: datetime | None = None
    window_to: datetime | None = None
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class Stage:
    """One point of the stepper."""

    step: str
    state: Literal["done", "current", "todo"]
    at: datetime | None


def stages(step: str, stamps: Mapping[str, datetime]) -> list[Stage]:
    """Return the stepper of a request.

    >>> [f"{s.step} {s.state}" for s in stages("received", {})][:3]
    ['received done', 'examined current', 'planned todo']
    >>> [f"{s.step} {s.state}" for s in stages("en_route", {})][2:5]
    ['planned done', 'en_route current', 'on_site todo']
    >>> [f"{s.step} {s.state}" for s in stages("transferred", {})]
    ['received done', 'transferred done']
    """
    if step in EARLY_ENDS:
        reached = [s for s in WAY if s in stamps or s == "received"]
        return [Stage(s, "done", stamps.get(s)) for s in (*reached, step)]
    now = len(WAY) - 1 if step == "closed" else WAY.index(step)
    current = now + 1 if WAY[now] in INSTANTS else now
    return [
        Stage(s, "done" if i < current else "current" if i == current else "todo", stamps.get(s))
        for i, s in enumerate(WAY)
    ]


class Words:
    """The sentences, days and hours of one language, as the templates call them."""

    def __init__(self, translate: Translate, locale: Locale, zone: tzinfo, now: datetime) -> None:
        """Speak one language at one instant (aware)."""
        self.translate, self.locale, self.zone = translate, locale, zone
        self.today = now.astimezone(zone).date()

    def t(self, key: str, **params: object) -> str:
        """Return the sentence of `citizen.<key>`."""
        return self.translate(self.locale, f"citizen.{key}", **params)

    def has(self, key: str) -> bool:
        """Return whether somebody wrote a sentence for this key."""
        return self.t(key) != f"citizen.{key}"

    def hour(self, at: datetime) -> str:
        """Return `14:05` in civil time."""
        return at.astimezone(self.zone).strftime("%H:%M")

    def day(self, at: datetime) -> str:
        """Return today, tomorrow, yesterday, or `mardi 24 novembre`."""
        day = at.astimezone(self.zone).date()
        near = {0: "today", 1: "tomorrow", -1: "yesterday"}.get((day - self.today).days)
        if near:
            return self.t(near)
        weekday = self.t("weekdays").split()[day.weekday()]
        month = self.t("months").split()[day.month - 1]
        number = self.t("first") if day.day == 1 else str(day.day)
        return self.t("date", weekday=weekday, day=number, month=month)

    def moment(self, at: datetime) -> str:
        """Return the hour of an instant of today, else its day and hour."""
        if at.astimezone(self.zone).date() == self.today:
            return self.hour(at)
        return self.t("moment", day=self.day(at), hour=self.hour(at))

    def window(self, start: datetime, end: datetime) -> str:
        """Return `14:25 et 14:45`, with the day of the end when it is another one."""
        same = start.astimezone(self.zone).date() == end.astimezone(self.zone).date()
        last = self.hour(end) if same else self.t("moment", day=self.day(end), hour=self.hour(end))
        return self.t("track.window.hours", start=self.hour(start), end=last)


class Pages:
    """The citizens' pages of one authority."""

    def __init__(
        self,
        translate: Translate,
        zone: tzinfo,
        org_name: str,
        compliance: Compliance = "none",
        dist: Path = DIST,
    ) -> None:
        """Prepare the templates.

        Args:
            translate: Dictionary, e.g. `dispatcher.i18n.t`.
            zone: Civil time of the service.
            org_name: The authority, as people know it.
            compliance: What an accessibility audit found; `none` until there is one.
            dist: What Vite built; without it the pages are plain but whole.
        """
        self._translate, self._zone, self._dist = translate, zone, dist
        self._shared = {"org_name": org_name, "compliance": compliance, "asset": self.asset}
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def report(self, locale: Locale, form: ReportForm, now: datetime) -> str:
        """Return the report form, or the call to the emergency number that comes before it."""
        name = "danger.html" if form.danger else "report.html"
        return self._render(name, locale, now, path="/signaler", form=form)

    def track(self, locale: Locale, request: Followed, path: str, now: datetime) -> str:
        """Return the page of a request; `path` is its private address, without origin."""
        steps = stages(request.step, request.stamps)
        return self._render("track.html", locale, now, path=path, request=request, stages=steps)

    def accessibility(self, locale: Locale, now: datetime) -> str:
        """Return the declaration of accessibility, and what is kept about citizens."""
        return self._render("accessibility.html", locale, now, path="/accessibilite")

    def error(self, locale: Locale, status: int, now: datetime, trace_id: str = "") -> str:
        """Return the page of a refusal: what happened, and what to do."""
        kind = str(status) if status in {404, 429, 503} else "other"
        return self._render("error.html", locale, now, path="/", kind=kind, trace_id=trace_id)

    def asset(self, source: str) -> str:
        """Return the address of what Vite built from a source, or "" when nothing was built."""
        manifest = self._dist / ".vite" / "manifest.json"
        if not manifest.is_file():
            return ""
        entry = json.loads(manifest.read_text(encoding="utf-8")).get(source, {})
        return f"/static/{entry['file']}" if "file" in entry else ""

    def _render(self, name: str, locale: Locale, now: datetime, **context: object) -> str:
        words = Words(self._translate, locale, self._zone, now)
        speak = {"t": words.t, "words": words, "locale": locale, "now": now}
        return self._templates.get_template(name).render(**self._shared, **speak, **context)
