"""What citizens are told by message, and when: one notice a step, never at night unless asked.

What somebody was last told is kept on his request, so that each consequence of an event compares
and tells only news. A newer notice replaces older ones that have not left.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from dispatcher.database import Tx
from dispatcher.i18n import Locale, pick
from dispatcher.intake.wording import Words
from dispatcher.models import Category, Incident, Message, Person, Report, Request
from dispatcher.notifications import deliveries
from dispatcher.notifications.citizens import KIND, target_of
from dispatcher.notifications.notices import NoticeChannel, NoticeCode, notice_of
from dispatcher.settings import Settings

KEY: Final = "notices"
"""Under which sessions carry the rules."""
OF_STEP: Final[dict[str, NoticeCode]] = {
    "planned": "planned",
    "en_route": "en_route",
    "done": "done",
}
REPLACED: Final[tuple[NoticeCode, ...]] = ("received", "planned", "moved", "en_route", "done")
"""Notices of the way: a newer one says more than an older one that has not left."""
BY_SMS_FIRST: Final = frozenset({"moved", "en_route"})
"""What is of use only at once."""
PASSING: Final = frozenset({"moved", "en_route"})
"""What says nothing any more in the morning: at night it is not kept for later."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How an authority writes to citizens.

    Attributes:
        zone: Civil time.
        channels: Ways that are set up.
        quiet: Hours of civil time between which nothing is sent, start and end, over midnight.
        moved: How far an end of the window moves before it is told.
        share: Of reporters asked whether it is repaired, 0..1.
        default: Language of those who chose none.
    """

    zone: ZoneInfo
    channels: frozenset[NoticeChannel]
    quiet: tuple[int, int]
    moved: timedelta
    share: float
    default: Locale

    @classmethod
    def of(cls, settings: Settings) -> "Rules":
        """Return the rules that the settings make."""
        is_demo = settings.mode == "demo"
        channels: set[NoticeChannel] = set()
        if is_demo or settings.sms_provider != "console":
            channels.add("sms")
        if is_demo or settings.smtp_host:
            channels.add("email")
        return cls(
            zone=ZoneInfo(settings.timezone),
            channels=frozenset(channels),
            quiet=(settings.quiet_from_hour, settings.quiet_until_hour),
            moved=timedelta(minutes=settings.window_moved_minutes),
            share=settings.outcome_share,
            default=settings.default_locale,
        )

    def ends_quiet(self, wall: datetime) -> datetime | None:
        """Return when the quiet hours end, None outside of them."""
        start, end = self.quiet
        local = wall.astimezone(self.zone)
        is_night = (
            local.hour >= start or local.hour < end if start > end else start <= local.hour < end
        )
        if start == end or not is_night:
            return None
        morning = local.replace(hour=end, minute=0, second=0, microsecond=0)
        return morning if morning > local else morning + timedelta(days=1)


def rules_of(session: Session) -> Rules | None:
    """Return how the authority behind a session writes to citizens, None where nobody set it up."""
    found: Rules | None = session.info.get(KEY)
    return found


def welcome(tx: Tx, report_id: UUID) -> None:
    """Tell somebody that his report came in; if a crew is on its way already, tell that instead."""
    rules = rules_of(tx.session)
    if rules is None or not rules.channels:
        return
    found = tx.session.exec(
        select(Request, Person, Incident)
        .join(Report, col(Report.id) == Request.report_id)
        .join(Person, col(Person.id) == Report.person_id)
        .join(Incident, col(Incident.id) == Request.incident_id)
        .where(Report.id == report_id)
    ).first()
    if found is None:
        return
    request, person, incident = found
    code = OF_STEP.get(incident.step, "received")
    tell(tx, request, person, incident, code)
    request.told = _state(incident)


def follow(tx: Tx, incident_id: UUID) -> None:
    """Tell everybody who reported an incident what is new of it."""
    rules, incident = rules_of(tx.session), tx.session.get(Incident, incident_id)
    if rules is None or not rules.channels or incident is None:
        return
    for request, person in reached(tx.session, incident_id):
        code = _news(request.told, incident, rules)
        if code is not None:
            tell(tx, request, person, incident, code)
        if code is not None or request.told.get("step") != incident.step:
            request.told = _state(incident)


def tell_all(tx: Tx, incident_id: UUID, code: NoticeCode, message: Message | None = None) -> None:
    """Send one notice to everybody who reported an incident."""
    incident = tx.session.get_one(Incident, incident_id)
    for request, person in reached(tx.session, incident_id):
        tell(tx, request, person, incident, code, message)


def tell_one(tx: Tx, request: Request, code: NoticeCode) -> bool:
    """Send one notice to whoever made a request; return whether he can be reached."""
    person = next(
        (p for r, p in reached(tx.session, request.incident_id) if r.id == request.id), None
    )
    if person is None:
        return False
    incident = tx.session.get_one(Incident, request.incident_id)
    return tell(tx, request, person, incident, code)


def tell(
    tx: Tx,
    request: Request,
    person: Person,
    incident: Incident,
    code: NoticeCode,
    message: Message | None = None,
) -> bool:
    """Store one notice to one person; return whether it will leave."""
    rules = rules_of(tx.session)
    is_asked = code == "link"
    if rules is None or incident.simulated or (request.muted_at is not None and not is_asked):
        return False
    channel = _channel(code, person, rules)
    if channel is None or not notice_of(tx.session, tx.org, code, channel).active:
        return False
    waits_until = None if request.night_ok or is_asked else rules.ends_quiet(tx.wall)
    if waits_until is not None and code in PASSING:
        return False
    target = target_of(request.id)
    if code in REPLACED:
        deliveries.cancel_for(tx, target, [KIND + one for one in REPLACED])
    about = message.id if message is not None else incident.version
    deliveries.enqueue(
        tx,
        deliveries.Message(
            event=f"{KIND}{code}:{incident.id}:{about}",
            channel=channel,
            target=target,
            kind=KIND + code,
            payload=_values(tx, incident, pick(person.locale, rules.default), message),
            not_before=waits_until,
        ),
    )
    return True


def reached(session: Session, incident_id: UUID) -> Iterable[tuple[Request, Person]]:
    """Return the requests of an incident whose person left an address, oldest first."""
    return session.exec(
        select(Request, Person)
        .join(Report, col(Report.id) == Request.report_id)
        .join(Person, col(Person.id) == Report.person_id)
        .where(Request.incident_id == incident_id)
        .order_by(col(Request.created_at))
    ).all()


def _news(told: dict[str, Any], incident: Incident, rules: Rules) -> NoticeCode | None:
    if told.get("step") != incident.step:
        return OF_STEP.get(incident.step)
    if incident.step not in {"planned", "en_route"} or incident.window_from is None:
        return None
    before, now = told.get("window_from"), incident.window_from
    late, ends = told.get("window_to"), incident.window_to
    if before is None or late is None or ends is None:
        return "moved"
    moved = max(abs(now - datetime.fromisoformat(before)), abs(ends - datetime.fromisoformat(late)))
    # A window that only narrows inside of what was told is good news that needs no message.
    is_inside = now >= datetime.fromisoformat(before) and ends <= datetime.fromisoformat(late)
    return "moved" if moved > rules.moved and not is_inside else None


def _state(incident: Incident) -> dict[str, Any]:
    ends = {"window_from": incident.window_from, "window_to": incident.window_to}
    return {"step": incident.step, **{k: at.isoformat() for k, at in ends.items() if at}}


def _channel(code: NoticeCode, person: Person, rules: Rules) -> NoticeChannel | None:
    order: tuple[NoticeChannel, ...] = ("email", "sms")
    if code in BY_SMS_FIRST:
        order = ("sms", "email")
    if code == "link":
        order = ("sms",) if person.phone else ("email",)
    addresses = {"sms": person.phone, "email": person.email}
    return next((one for one in order if one in rules.channels and addresses[one]), None)


def _values(tx: Tx, incident: Incident, locale: Locale, message: Message | None) -> dict[str, Any]:
    rules = rules_of(tx.session)
    category = tx.session.get(Category, incident.category)
    label = incident.title
    if category is not None:
        label = category.label_en if locale == "en" else category.label_fr
    values = {
        "reference": incident.ref,
        "ref": incident.ref,
        "category": label,
        "commune": incident.commune or "",
        "window": "",
        "words": "",
    }
    if rules is not None and incident.window_from and incident.window_to:
        words = Words(locale, rules.zone, tx.now)
        values["window"] = words.say(
            "notice.window",
            day=words.day(incident.window_from),
            hours=words.window(incident.window_from, incident.window_to),
        )
    if message is not None:
        values["words"] = message.text_en if locale == "en" else message.text_fr
    return values
