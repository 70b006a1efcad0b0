"""The words of notices to citizens over HTTP: pilots read, try and change them."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import Field
from sqlmodel import Session, col, select

from dispatcher.actors import Actor
from dispatcher.auth import access
from dispatcher.auth.context import service_of
from dispatcher.database import Tx
from dispatcher.errors import InvalidInput, NotFound
from dispatcher.events.citizen_facts import NoticeTemplateChanged
from dispatcher.i18n import Locale
from dispatcher.models import Delivery, NoticeTemplate
from dispatcher.notifications import notices
from dispatcher.notifications.notices import Notice, NoticeChannel, NoticeCode
from dispatcher.notifications.sms_size import sms_size
from dispatcher.revisions import latest_versions, revise, revisions
from dispatcher.wire import In, Out

router = APIRouter(tags=["notices"])
SUBJECT = "notice:"
"""Before code and channel of a notice, what its versions are kept under."""


class NoticeIn(In):
    """The words of a notice in both languages; an SMS has no subject."""

    subject_fr: str = Field("", max_length=160)
    subject_en: str = Field("", max_length=160)
    text_fr: str = Field(min_length=3, max_length=2000)
    text_en: str = Field(min_length=3, max_length=2000)
    active: bool = True


class NoticePut(NoticeIn):
    """Words to keep: why, and which version their author knew as the newest one."""

    note: str = Field("", max_length=300)
    replaces: int | None = Field(None, ge=0)


class NoticeVersionOut(Out):
    """One version of the words of a notice; `at` is empty for those that came with the program."""

    version: int
    note: str
    by: str
    at: datetime | None
    body: NoticeIn


class NoticeRestore(In):
    """Which version to put back, why, and which one its author knew as the newest."""

    version: int = Field(ge=1)
    note: str = Field("", max_length=300)
    replaces: int | None = Field(None, ge=0)


class PartsOut(Out):
    """What a text takes as SMS."""

    encoding: str
    units: int
    parts: int
    left: int
    odd: str


class NoticeProblem(Out):
    """A word in braces that nothing fills: in which field, on which line (from 1)."""

    field: str
    line: int
    word: str


class SpokenNotice(Out):
    """A notice as its reader gets it, with examples in its places; `as_sms` is what leaves as SMS,
    without the signs that cost a second one.
    """

    subject: str
    text: str
    as_sms: str
    sms: PartsOut


class NoticeCheckOut(Out):
    """What is wrong with the words of a notice, and how they read."""

    problems: list[NoticeProblem]
    placeholders: list[str]
    fr: SpokenNotice
    en: SpokenNotice


class NoticeOut(NoticeIn):
    """The words of one notice by one channel; `is_own` when a pilot changed them."""

    code: NoticeCode
    channel: NoticeChannel
    is_own: bool
    version: int


class NoticeDelivery(Out):
    """One message to somebody who reported: never his address nor its text. Wall time."""

    request_id: UUID
    code: str
    channel: str
    state: str
    created_at: datetime
    sent_at: datetime | None
    error: str | None


@router.get("/notices")
def list_notices(
    request: Request, actor: Annotated[Actor, Depends(access.staff)]
) -> list[NoticeOut]:
    """List every notice to citizens by channel, with the words in force."""
    with service_of(request).store.read() as session:
        known = latest_versions(session, actor.org, SUBJECT)
        return [
            _out(notices.notice_of(session, actor.org, code, channel), known)
            for code in notices.CODES
            for channel in notices.CHANNELS
        ]


@router.post("/notices/check")
def check_notice(
    request: Request, body: NoticeIn, actor: Annotated[Actor, Depends(access.staff)]
) -> NoticeCheckOut:
    """Say what is wrong with the words of a notice, how they read, and what they take as SMS."""
    org = service_of(request).settings.org_name
    return NoticeCheckOut(
        problems=list(_problems(body)),
        placeholders=list(notices.PLACEHOLDERS),
        fr=_spoken(body.subject_fr, body.text_fr, "fr", org),
        en=_spoken(body.subject_en, body.text_en, "en", org),
    )


@router.put("/notices/{code}/{channel}")
async def put_notice(
    request: Request,
    code: NoticeCode,
    channel: NoticeChannel,
    body: NoticePut,
    actor: Annotated[Actor, Depends(access.pilots)],
) -> NoticeOut:
    """Change the words of a notice, or whether it is sent; earlier versions are kept."""
    return await service_of(request).store.submit(lambda tx: _keep(tx, code, channel, body), actor)


@router.get("/notices/{code}/{channel}/versions")
def list_notice_versions(
    request: Request,
    code: NoticeCode,
    channel: NoticeChannel,
    actor: Annotated[Actor, Depends(access.staff)],
) -> list[NoticeVersionOut]:
    """List the versions of a notice's words, newest first; empty before the first edit."""
    with service_of(request).store.read() as session:
        return [
            NoticeVersionOut(
                version=one.version,
                note=one.note,
                by=one.by,
                at=one.at,
                body=NoticeIn.model_validate(one.body),
            )
            for one in revisions(session, actor.org, _subject(code, channel))
        ]


@router.post("/notices/{code}/{channel}/restore")
async def restore_notice(
    request: Request,
    code: NoticeCode,
    channel: NoticeChannel,
    body: NoticeRestore,
    actor: Annotated[Actor, Depends(access.pilots)],
) -> NoticeOut:
    """Put an earlier version back as the newest one; 404 when there is none of that number."""

    def restore(tx: Tx) -> NoticeOut:
        known = revisions(tx.session, tx.org, _subject(code, channel))
        found = next((one for one in known if one.version == body.version), None)
        if found is None:
            raise NotFound(what="version")
        wanted = NoticePut(**found.body, note=body.note, replaces=body.replaces)
        return _keep(tx, code, channel, wanted, restored=body.version)

    return await service_of(request).store.submit(restore, actor)


@router.get("/incidents/{incident_id}/notices")
def list_sent_notices(
    request: Request, incident_id: UUID, actor: Annotated[Actor, Depends(access.observers)]
) -> list[NoticeDelivery]:
    """List the messages sent, waiting or given up to those who reported an incident, newest
    first.
    """
    with service_of(request).store.read() as session:
        incident = access.visible_incident(session, actor, incident_id)
        return [_delivery(row) for row in _deliveries(session, incident.id)]


def _subject(code: NoticeCode, channel: NoticeChannel) -> str:
    return f"{SUBJECT}{code}:{channel}"


def _keep(
    tx: Tx,
    code: NoticeCode,
    channel: NoticeChannel,
    body: NoticePut,
    restored: int | None = None,
) -> NoticeOut:
    for problem in _problems(body):
        raise InvalidInput(
            f"line {problem.line}: {problem.word} cannot be filled", **problem.model_dump()
        )
    before = notices.notice_of(tx.session, tx.org, code, channel)
    names = set(NoticeIn.model_fields)
    values = body.model_dump(include=names)
    old = {name: getattr(before, name) for name in names}
    name = _subject(code, channel)
    version = revise(tx, name, values, before=old, note=body.note, replaces=body.replaces)
    tx.session.merge(NoticeTemplate(org=tx.org, code=code, channel=channel, **values))
    fact = NoticeTemplateChanged(
        code=code, channel=channel, version=version, active=body.active, restored=restored
    )
    tx.record(fact)
    return NoticeOut(code=code, channel=channel, is_own=True, version=version, **values)


def _deliveries(session: Session, incident_id: UUID) -> list[Delivery]:
    return list(
        session.exec(
            select(Delivery)
            .where(col(Delivery.event).like(f"citizen.%:{incident_id}:%"))
            .order_by(col(Delivery.created_at).desc())
            .limit(200)
        ).all()
    )


def _delivery(row: Delivery) -> NoticeDelivery:
    return NoticeDelivery(
        request_id=UUID(row.target.partition(":")[2]),
        code=row.kind.partition(".")[2],
        channel=row.channel,
        state=row.state,
        created_at=row.created_at,
        sent_at=row.sent_at,
        error=row.error,
    )


def _out(notice: Notice, known: dict[str, int]) -> NoticeOut:
    return NoticeOut(
        **asdict(notice),
        version=known.get(f"{SUBJECT}{notice.code}:{notice.channel}", 1),
    )


def _problems(body: NoticeIn) -> list[NoticeProblem]:
    fields = ("subject_fr", "subject_en", "text_fr", "text_en")
    return [
        NoticeProblem(field=field, line=line, word=word)
        for field in fields
        for line, word in notices.problems(getattr(body, field))
    ]


def _spoken(subject: str, text: str, locale: Locale, org: str) -> SpokenNotice:
    values = {**notices.SAMPLE[locale], "org": org}
    filled = notices.fill(text, values)
    short = notices.plain(filled)
    return SpokenNotice(
        subject=notices.fill(subject, values),
        text=filled,
        as_sms=short,
        sms=PartsOut(**asdict(sms_size(short))),
    )
