"""The rules, one function each: facts and policy in, points with evidence out.

Read from top to bottom this is the table of contents of the score. A rule speaks only of its own
facts, never of another rule's points; sums, caps and classes are made in ``score``.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

from priority.calendar import is_within
from priority.facts import Facts, NearbySite, Vigilance
from priority.policy import AxisPoints, Band, Policy, SiteRule
from priority.reasons import Axis, Param, Reason, Rule, instant_text
from priority.timetable import SlotRule

PriorityRule = Callable[[Facts, Policy], Iterator[Reason]]
"""What a rule looks like: it yields nothing when it has nothing to say."""


def category(facts: Facts, policy: Policy) -> Iterator[Reason]:
    """What it is: the base points of the kind of incident, or the council's own."""
    kind = facts.category
    base = policy.categories.get(kind.code) or AxisPoints(
        severity=kind.severity, urgency=kind.urgency
    )
    yield from _both_axes(Rule.CATEGORY, base, {"category": kind.code})


def danger(facts: Facts, policy: Policy) -> Iterator[Reason]:
    """What people say is dangerous: each kind of danger counts once, with its first words."""
    told = {one.kind: one for one in reversed(facts.dangers)}
    for kind in dict.fromkeys(one.kind for one in facts.dangers):
        if kind in policy.dangers:
            evidence: dict[str, Param] = {"kind": kind, "word": told[kind].word}
            yield from _both_axes(Rule.DANGER, policy.dangers[kind], evidence)


def vulnerable_site(facts: Facts, policy: Policy) -> Iterator[Reason]:
    """Who is exposed: the one site near by that weighs most, the nearest among equals."""
    best: tuple[int, int, NearbySite] | None = None
    for site in facts.sites:
        rule = policy.sites.get(site.kind)
        if rule is None or site.distance_m > rule.within_m or not _in_use(rule, facts, policy):
            continue
        if best is None or (rule.points, -site.distance_m) > best[:2]:
            best = (rule.points, -site.distance_m, site)
    if best is not None:
        points, _, site = best
        evidence: dict[str, Param] = {
            "kind": site.kind,
            "name": site.name,
            "distance_m": site.distance_m,
        }
        yield from _points(Rule.VULNERABLE_SITE, "severity", points, evidence)


def population_density(facts: Facts, policy: Policy) -> Iterator[Reason]:
    """Who is exposed: people per km² of the commune."""
    if (density := facts.population_density) is not None:
        points = banded(policy.population_density, density)
        evidence: dict[str, Param] = {"people_km2": round(density)}
        yield from _points(Rule.POPULATION_DENSITY, "severity", points, evidence)


def traffic(facts: Facts, policy: Policy) -> Iterator[Reason]:
    """Who is exposed: vehicles a day on the road, counted or as usual for its class."""
    counted, usual = facts.traffic, policy.road_traffic.get(facts.road) if facts.road else None
    vehicles = counted if counted is not None else usual
    if vehicles is not None:
        evidence: dict[str, Param] = {"vehicles_day": vehicles}
        if counted is None and facts.road is not None:
            evidence["road"] = facts.road
        points = banded(policy.traffic, vehicles)
        yield from _points(Rule.TRAFFIC, "severity", points, evidence)


def homes_without_water(facts: Facts, policy: Policy) -> Iterator[Reason]:
    """Who suffers already: homes cut off."""
    homes = facts.homes_without_water
    points = banded(policy.homes_without_water, homes)
    yield from _points(Rule.HOMES_WITHOUT_WATER, "severity", points, {"homes": homes})


def sensor(facts: Facts, policy: Policy) -> Iterator[Reason]:
    """What is measured: the fresh reading that is furthest outside its normal range."""
    oldest = facts.at - timedelta(minutes=policy.sensor.max_age_min)
    fresh = [reading for reading in facts.readings if oldest <= reading.at <= facts.at]
    worst = max(fresh, key=lambda reading: reading.deviation, default=None)
    if worst is not None:
        points = banded(policy.sensor.bands, worst.deviation)
        evidence: dict[str, Param] = {
            "metric": worst.metric,
            "value": worst.value,
            "unit": worst.unit,
            "age_min": int((facts.at - worst.at).total_seconds() // 60),
        }
        if worst.sensor:
            evidence["sensor"] = worst.sensor
        yield from _points(Rule.SENSOR, "severity", points, evidence)


def repeats(facts: Facts, policy: Policy) -> Iterator[Reason]:
    """How often it is told: reports joined to the incident."""
    points = banded(policy.repeats, facts.reports)
    minutes = int(facts.waited.total_seconds() // 60)
    evidence: dict[str, Param] = {"reports": facts.reports, "within_min": minutes}
    yield from _points(Rule.REPEATS, "urgency", points, evidence)


def independent_sources(facts: Facts, policy: Policy) -> Iterator[Reason]:
    """How sure it is: distinct people or devices that say the same."""
    points = banded(policy.independent_sources, facts.sources)
    yield from _points(Rule.INDEPENDENT_SOURCES, "urgency", points, {"sources": facts.sources})


def weather(facts: Facts, policy: Policy) -> Iterator[Reason]:
    """What the sky will do: each phenomenon that harms this service, at its worst level."""
    worst: dict[str, tuple[int, Vigilance]] = {}
    horizon = facts.at + timedelta(hours=policy.weather_ahead_h)
    for warning in facts.vigilances:
        rule = policy.weather.get(warning.phenomenon)
        is_over = warning.ends_at is not None and warning.ends_at <= facts.at
        if rule is None or is_over or warning.starts_at > horizon:
            continue
        points = rule.points(warning.colour)
        if facts.category.service in rule.services and (
            warning.phenomenon not in worst or points > worst[warning.phenomenon][0]
        ):
            worst[warning.phenomenon] = (points, warning)
    for points, warning in worst.values():
        evidence: dict[str, Param] = {
            "phenomenon": warning.phenomenon,
            "colour": warning.colour,
            "starts_at": instant_text(warning.starts_at),
        }
        yield from _points(Rule.WEATHER, "urgency", points, evidence)


def night(facts: Facts, policy: Policy) -> Iterator[Reason]:
    """When it is: at night nobody sees the danger, and nobody watches it."""
    if policy.calendar.working.is_night(facts.at):
        yield from _slot(Rule.NIGHT, policy.calendar.night, facts)


def week_end(facts: Facts, policy: Policy) -> Iterator[Reason]:
    """When it is: ordinary service is a day or two away."""
    if policy.calendar.working.is_week_end(facts.at):
        yield from _slot(Rule.WEEK_END, policy.calendar.week_end, facts)


def public_holiday(facts: Facts, policy: Policy) -> Iterator[Reason]:
    """When it is: a public holiday, named."""
    working = policy.calendar.working
    holiday = working.holiday(working.local(facts.at).date())
    if holiday is not None:
        evidence: dict[str, Param] = {"holiday": holiday.value}
        yield from _slot(Rule.PUBLIC_HOLIDAY, policy.calendar.public_holiday, facts, evidence)


def waiting(facts: Facts, policy: Policy) -> Iterator[Reason]:
    """How long somebody has been waiting, until a crew is there."""
    minutes = int(facts.waited.total_seconds() // 60)
    points = min(minutes // policy.waiting.every_min, policy.waiting.cap)
    if not facts.is_attended:
        yield from _points(Rule.WAITING, "urgency", points, {"waited_min": minutes})


def due(facts: Facts, policy: Policy) -> Iterator[Reason]:
    """How near the promised arrival is, until a crew is there."""
    if facts.respond_by is None or facts.is_attended:
        return
    left = facts.respond_by - facts.at
    promised = facts.respond_by - facts.reported_at
    share_left = left / promised if promised > timedelta(0) else 0.0
    for band in policy.due.bands:
        if share_left <= band.share_left:
            evidence: dict[str, Param] = {"left_min": int(left.total_seconds() // 60)}
            yield from _points(Rule.DUE, "urgency", band.points, evidence)
            return


def reopened(facts: Facts, policy: Policy) -> Iterator[Reason]:
    """Somebody was told that it was repaired, and it was not."""
    points = min(facts.reopenings * policy.reopened, policy.reopened_cap)
    yield from _points(Rule.REOPENED, "urgency", points, {"times": facts.reopenings})


RULES: tuple[PriorityRule, ...] = (
    category,
    danger,
    vulnerable_site,
    population_density,
    traffic,
    homes_without_water,
    sensor,
    repeats,
    independent_sources,
    weather,
    night,
    week_end,
    public_holiday,
    waiting,
    due,
    reopened,
)
"""Every rule, in the order in which reasons are told."""


def banded(bands: Sequence[Band], value: float) -> int:
    """Return the points of the highest band that a value reaches, 0 below the first."""
    return max((band.points for band in bands if value >= band.at_least), default=0)


def _points(rule: Rule, axis: Axis, points: int, params: dict[str, Param]) -> Iterator[Reason]:
    """One reason, or silence for no points."""
    if points:
        yield Reason(rule, axis, points, params)


def _both_axes(rule: Rule, points: AxisPoints, params: dict[str, Param]) -> Iterator[Reason]:
    yield from _points(rule, "severity", points.severity, params)
    yield from _points(rule, "urgency", points.urgency, params)


def _slot(
    rule: Rule, slot: SlotRule, facts: Facts, params: dict[str, Param] | None = None
) -> Iterator[Reason]:
    if not slot.services or facts.category.service in slot.services:
        yield from _points(rule, "urgency", slot.points, params or {})


def _in_use(rule: SiteRule, facts: Facts, policy: Policy) -> bool:
    """Whether people are in a site of this kind at this hour."""
    if rule.hours is None:
        return True
    working = policy.calendar.working
    local = working.local(facts.at)
    is_open_day = any(True for _ in working.open_intervals(local.date()))
    return is_open_day and is_within(rule.hours, local)
