"""What on-call is paid, line by line: turns by the decree's tables, call-outs by the hour.

A turn is paid with the month it ends in, when the service has been done; a call-out with the
month it begins in. Every line names its source; nothing is added that no line shows.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from dispatcher.models import CallOut, Incident, OnCallDuty, OnCallPerson, OnCallPost, Rota
from dispatcher.oncall.ladder import PagingPolicy, paging_policy
from dispatcher.oncall.snapshot import PUBLISHED, posts_of
from scheduling.rota.call_out_pay import ORDER, PayMode, reward, spans
from scheduling.rota.indemnities import Indemnity, Stretch, Unit, UnknownTariffError, indemnity
from scheduling.rota.problem import DutyKind
from scheduling.rota.rules.calendar import public_holidays

_NUMBER = re.compile(r"-?\d+(,\d+)?")
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")


@dataclass(frozen=True, slots=True)
class PayLine:
    """One line of pay.

    Attributes:
        code: Code of the person, for payroll.
        person: Name.
        what: `duty:<unit>`, `short_notice`, `call_out:<class>` or `rest:<class>`.
        post: Code of the post; empty for call-outs.
        day: First civil day.
        count: Units: periods for turns, hours in hundredths for call-outs and rest.
        cents: Price of a unit.
        total_cents: What the line is worth.
        source: The text that says so.
        ref: Incident of a call-out.
    """

    code: str
    person: str
    what: str
    post: str
    day: date
    count: int
    cents: int
    total_cents: int
    source: str
    ref: str = ""

    @property
    def is_hours(self) -> bool:
        """Whether `count` is in hundredths of an hour."""
        return self.what.startswith(("call_out:", "rest:"))


def month_span(month: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the instants between which a civil month `YYYY-MM` lies; end excluded."""
    first = date.fromisoformat(f"{month}-01")
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    start, end = (datetime.combine(day, time(0), zone) for day in (first, following))
    return start, end


def pay_of(session: Session, org: str, month: str, zone: ZoneInfo) -> list[PayLine]:
    """Return every line of a month, by person and day."""
    start, end = month_span(month, zone)
    people = {
        one.id: one
        for one in session.exec(select(OnCallPerson).where(OnCallPerson.org == org)).all()
    }
    lines = [
        *_turns(session, org, (start, end, zone), people),
        *_call_outs(session, org, (start, end, zone), people),
    ]
    return sorted(lines, key=lambda line: (line.person, line.code, line.day, line.what))


def _turns(
    session: Session,
    org: str,
    span: tuple[datetime, datetime, ZoneInfo],
    people: Mapping[UUID, OnCallPerson],
) -> Iterator[PayLine]:
    start, end, zone = span
    duties = session.exec(
        select(OnCallDuty)
        .join(Rota, col(Rota.id) == OnCallDuty.rota_id)
        .where(
            Rota.org == org,
            Rota.state == PUBLISHED,
            col(OnCallDuty.end_at) >= start,
            col(OnCallDuty.end_at) < end,
        )
    ).all()
    posts = {post.code: post for post in posts_of(session, org)}
    for duty in duties:
        yield from duty_lines(duty, posts[duty.post], people[duty.person_id], zone)


def duty_pay(duty: OnCallDuty, post: OnCallPost, zone: ZoneInfo) -> Indemnity | None:
    """Return what a turn is paid; None when no table prices its kind on that day."""
    told = duty.told_at.astimezone(zone).date() if duty.told_at is not None else None
    stretch = Stretch(DutyKind(post.duty_kind), duty.start_at, duty.end_at, told)
    years = {at.astimezone(zone).year for at in (duty.start_at, duty.end_at)}
    feasts = [holiday.day for year in sorted(years) for holiday in public_holidays(year)]
    try:
        return indemnity(stretch, zone, feasts)
    except UnknownTariffError:
        return None


def duty_lines(
    duty: OnCallDuty, post: OnCallPost, person: OnCallPerson, zone: ZoneInfo
) -> Iterator[PayLine]:
    """Yield the lines of a turn: its units, then what short notice adds."""
    paid = duty_pay(duty, post, zone)
    if paid is None:
        return
    source = f"{paid.source.text}, {paid.source.article}"

    def line(what: str, day: date, count: int, cents: int) -> PayLine:
        return PayLine(
            person.code, person.name, what, post.code, day, count, cents, count * cents, source
        )

    for one in paid.lines:
        yield line(f"duty:{Unit(one.unit).value}", one.first_day, one.count, one.cents)
    if paid.rise_cents:
        yield line("short_notice", duty.start_at.astimezone(zone).date(), 1, paid.rise_cents)


def _call_outs(
    session: Session,
    org: str,
    span: tuple[datetime, datetime, ZoneInfo],
    people: Mapping[UUID, OnCallPerson],
) -> Iterator[PayLine]:
    start, end, zone = span
    policy: PagingPolicy = paging_policy(session, org)
    rows = session.exec(
        select(CallOut, Incident.ref)
        .join(Incident, col(Incident.id) == CallOut.incident_id, isouter=True)
        .where(
            CallOut.org == org,
            col(CallOut.start_at) >= start,
            col(CallOut.start_at) < end,
            col(CallOut.end_at).is_not(None),
        )
    ).all()
    for out, ref in rows:
        assert out.end_at is not None  # noqa: S101 - the query asks for it
        days = [holiday.day for holiday in public_holidays(start.year)]
        days += [holiday.day for holiday in public_holidays(start.year + 1)]
        for found in spans(out.start_at, out.end_at, zone, days):
            worth = reward(found, policy.call_out_pay)
            is_rest = policy.call_out_pay is PayMode.REST
            minutes = worth.rest_min if is_rest else found.minutes
            person = people[out.person_id]
            yield PayLine(
                person.code,
                person.name,
                f"{'rest' if is_rest else 'call_out'}:{found.hours.value}",
                "",
                found.start_at.astimezone(zone).date(),
                round(minutes * 100 / 60),
                worth.cents_per_hour,
                worth.cents,
                f"{ORDER.text}, {ORDER.article}",
                ref or "",
            )


def totals(lines: Iterable[PayLine]) -> dict[str, int]:
    """Return cents by code of person."""
    found: dict[str, int] = {}
    for line in lines:
        found[line.code] = found.get(line.code, 0) + line.total_cents
    return found


HEADINGS = (
    "matricule",
    "nom",
    "nature",
    "poste",
    "jour",
    "quantité",
    "taux",
    "montant",
    "incident",
    "source",
)


def csv_of(lines: Sequence[PayLine]) -> str:
    """Return the pay file: semicolons and decimal commas, as spreadsheets in France read it."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEADINGS)
    for line in lines:
        count = _hundredths(line.count) if line.is_hours else str(line.count)
        cells = (
            line.code,
            line.person,
            line.what,
            line.post,
            line.day.isoformat(),
            count,
            _hundredths(line.cents),
            _hundredths(line.total_cents),
            line.ref,
            line.source,
        )
        writer.writerow([neutral(cell) for cell in cells])
    return "\ufeff" + out.getvalue()


def neutral(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; numbers stay numbers.

    >>> neutral("=1+1"), neutral("-37,40"), neutral("Luc")
    ("'=1+1", '-37,40', 'Luc')
    """
    return f"'{cell}" if cell.startswith(_RISKY) and not _NUMBER.fullmatch(cell) else cell


def _hundredths(value: int) -> str:
    return f"{'-' if value < 0 else ''}{abs(value) // 100},{abs(value) % 100:02d}"
