"""What a tracking page shows beyond its steps, and what the desk sees of those who reported."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from uuid import UUID

from sqlmodel import Session, col, func, select

from dispatcher.attachments import queries as attachments
from dispatcher.auth.context import Service
from dispatcher.crews.policy import field_policy
from dispatcher.followup import commands
from dispatcher.followup.notices import reached
from dispatcher.followup.slots import Slot, slots
from dispatcher.i18n import Locale
from dispatcher.incidents import merging
from dispatcher.incidents.images import image_of
from dispatcher.incidents.told import told_to
from dispatcher.intake.following import Following
from dispatcher.intake.wording import Words
from dispatcher.models import (
    Category,
    CitizenWord,
    Crew,
    Incident,
    Outcome,
    Request,
    Visit,
    WishedTime,
)
from dispatcher.notifications.citizens import contact_of
from dispatcher.planning.windows import FRESH
from priority.duplicates import distance_m

ENDS = frozenset({"done", "closed", "answered", "transferred", "cancelled"})


@dataclass(frozen=True, slots=True)
class Question:
    """A question of the desk, and what was answered last."""

    id: UUID
    at: datetime
    text: str
    answer: str | None


@dataclass(frozen=True, slots=True)
class Tracking:
    """Everything one tracking page shows; nothing of other people.

    Attributes:
        following: Steps, window, messages.
        homes: Requests that follow the same incident.
        questions: Of the desk, oldest first.
        details: What was added, oldest first, answers left out.
        photos: Ids of the photos of this request.
        wish: The last other time asked for.
        slots: Times that may be asked for; empty when it is too late.
        is_asked: Whether the question about the repair waits for an answer.
        is_thanked: Whether it was answered.
        has_contact: Whether messages can reach somebody.
        is_stopped: Whether he stopped them.
        at_night: Whether they may come at night.
        km: Whole kilometres to the crew on its way; None when that is not for him to know.
    """

    following: Following
    homes: int
    questions: Sequence[Question]
    details: Sequence[CitizenWord]
    photos: Sequence[UUID]
    wish: WishedTime | None
    slots: Sequence[Slot]
    is_asked: bool
    is_thanked: bool
    has_contact: bool
    is_stopped: bool
    at_night: bool
    km: int | None

    @property
    def may_add(self) -> bool:
        """Whether words and photos are still of use."""
        return self.following.step not in ENDS


def tracking(service: Service, session: Session, found: Request, words: Words) -> Tracking:
    """Return what the page of a request shows now."""
    incident = session.get_one(Incident, found.incident_id)
    said = commands.words_of(session, found.id)
    outcome = session.get(Outcome, found.id)
    open_question = outcome is not None and outcome.answered_at is None
    in_time = outcome is not None and commands.in_time(outcome.asked_at, words.now)
    may_wish = incident.step == "planned"
    return Tracking(
        following=following_of(session, found, incident, words.locale),
        homes=_homes(session, incident.id),
        questions=_questions(session, found, said, words.locale),
        details=[word for word in said if word.message_id is None],
        photos=[one.id for one in attachments.of_request(session, found.id) if one.width],
        wish=_wish(session, found.id),
        slots=list(slots(words.now, words.zone)) if may_wish else [],
        is_asked=open_question and in_time and incident.state in commands.REPAIRED,
        is_thanked=outcome is not None and outcome.answered_at is not None,
        has_contact=contact_of(session, found) is not None,
        is_stopped=found.muted_at is not None,
        at_night=found.night_ok,
        km=_km(session, incident, words.now) if _may_see_distance(session, service) else None,
    )


def _may_see_distance(session: Session, service: Service) -> bool:
    said = field_policy(session, service.settings.org).citizens_see_distance
    return service.settings.citizens_see_distance if said is None else said


def following_of(session: Session, found: Request, incident: Incident, locale: Locale) -> Following:
    """Return the steps of a request, its window and what was told, in a language."""
    category = session.get_one(Category, incident.category)
    first = merging.first_reference(session, found.report_id, incident.id)
    messages = [
        (told.at, told.text_en if locale == "en" else told.text_fr)
        for told in told_to(session, found.report_id, incident.id)
        if not told.asks
    ]
    label = category.label_en if locale == "en" else category.label_fr
    return Following.of(image_of(incident), label, first, messages)


def sentence(following: Following, words: Words) -> str:
    """Return the state of a request in one breath: what its page says, to be read out."""
    step, start, end = following.step, following.window_from, following.window_to
    parts = [words.say(f"step.{step}.title")]
    if start and end and step not in ENDS and step != "on_site":
        window = words.say("notice.window", day=words.day(start), hours=words.window(start, end))
        parts.append(window[:1].upper() + window[1:])
    if words.has(f"step.{step}.text"):
        parts.append(words.say(f"step.{step}.text"))
    return " ".join(part if part[-1] in ".!?" else f"{part}." for part in parts)


@dataclass(frozen=True, slots=True)
class Follower:
    """Somebody who reported, as the desk sees him: no name, no address."""

    request: Request
    words: Sequence[CitizenWord]
    wishes: Sequence[WishedTime]
    outcome: Outcome | None
    sms: bool
    email: bool


def followers(session: Session, incident_id: UUID) -> list[Follower]:
    """Return who follows an incident, oldest first."""
    people = {request.id: person for request, person in reached(session, incident_id)}
    requests = session.exec(
        select(Request)
        .where(Request.incident_id == incident_id)
        .order_by(col(Request.created_at), col(Request.id))
    ).all()
    found = []
    for request in requests:
        person = people.get(request.id)
        found.append(
            Follower(
                request=request,
                words=commands.words_of(session, request.id),
                wishes=_wishes(session, request.id),
                outcome=session.get(Outcome, request.id),
                sms=bool(person and person.phone),
                email=bool(person and person.email),
            )
        )
    return found


def outcomes(session: Session, org: str) -> dict[str, int]:
    """Return how many were asked whether it is repaired, and what they said."""
    rows = session.exec(
        select(Outcome.fixed, func.count()).where(Outcome.org == org).group_by(col(Outcome.fixed))
    ).all()
    counted = {fixed: number for fixed, number in rows}
    return {
        "asked": sum(counted.values()),
        "yes": counted.get(True, 0),
        "no": counted.get(False, 0),
    }


def _homes(session: Session, incident_id: UUID) -> int:
    query = select(func.count()).select_from(Request).where(Request.incident_id == incident_id)
    return session.exec(query).one()


def _questions(
    session: Session, found: Request, said: Sequence[CitizenWord], locale: Locale
) -> list[Question]:
    answers = {word.message_id: word.text for word in said if word.message_id is not None}
    return [
        Question(
            told.id,
            told.at,
            told.text_en if locale == "en" else told.text_fr,
            answers.get(told.id),
        )
        for told in told_to(session, found.report_id, found.incident_id)
        if told.asks
    ]


def _wishes(session: Session, request_id: UUID) -> list[WishedTime]:
    return list(
        session.exec(
            select(WishedTime)
            .where(WishedTime.request_id == request_id, WishedTime.state != "replaced")
            .order_by(col(WishedTime.asked_at), col(WishedTime.id))
        ).all()
    )


def _wish(session: Session, request_id: UUID) -> WishedTime | None:
    found = _wishes(session, request_id)
    return found[-1] if found else None


def _km(session: Session, incident: Incident, now: datetime) -> int | None:
    """Return how far the crew on its way is, rounded up to whole kilometres: no circle of less
    than half a kilometre follows from it, and no direction.
    """
    if incident.step != "en_route" or incident.lat is None or incident.lon is None:
        return None
    crew = session.exec(
        select(Crew)
        .join(Visit, col(Visit.crew_id) == Crew.id)
        .where(Visit.incident_id == incident.id, Visit.state == "en_route")
    ).first()
    if crew is None or crew.lat is None or crew.lon is None or crew.located_at is None:
        return None
    if crew.located_by == "depot" or now - crew.located_at > FRESH:
        return None
    metres = distance_m((crew.lat, crew.lon), (incident.lat, incident.lon))
    return max(1, ceil(metres / 1000))
