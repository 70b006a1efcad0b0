"""The pay file of a month over HTTP, as lines and as CSV."""

from datetime import date
from functools import partial
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request, Response

from dispatcher.actors import Actor
from dispatcher.auth import access
from dispatcher.auth.context import Service, service_of
from dispatcher.database import Tx
from dispatcher.events.oncall_facts import PayExported
from dispatcher.oncall import pay
from dispatcher.wire import Out

router = APIRouter(tags=["on-call"])

Month = Annotated[str, Query(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")]


class PayLineOut(Out):
    """One line of pay; `count` in hundredths of an hour for call-outs and rest."""

    code: str
    person: str
    what: str
    post: str
    day: date
    count: int
    cents: int
    total_cents: int
    source: str
    ref: str


class PayOut(Out):
    """The pay of a month with the total of each person, in cents."""

    month: str
    lines: list[PayLineOut]
    totals: dict[str, int]


@router.get("/oncall/pay")
def read_pay(
    request: Request,
    actor: Annotated[Actor, Depends(access.oncall_managers)],
    month: Month,
) -> PayOut:
    """Show what on-call is paid in a month, line by line with its source."""
    lines = _lines(service_of(request), actor, month)
    shown = [PayLineOut.model_validate(line) for line in lines]
    return PayOut(month=month, lines=shown, totals=pay.totals(lines))


@router.get("/oncall/pay.csv")
def export_pay(
    request: Request,
    actor: Annotated[Actor, Depends(access.oncall_managers)],
    month: Month,
) -> Response:
    """Give the pay file of a month; the log remembers who took it."""
    service = service_of(request)
    lines = _lines(service, actor, month)
    service.store.submit_wait(partial(_note, month=month, lines=len(lines)), actor)
    name = f'attachment; filename="astreintes-{month}.csv"'
    return Response(pay.csv_of(lines), media_type="text/csv", headers={"Content-Disposition": name})


def _lines(service: Service, actor: Actor, month: str) -> list[pay.PayLine]:
    with service.store.read() as session:
        return pay.pay_of(session, actor.org, month, ZoneInfo(service.settings.timezone))


def _note(tx: Tx, month: str, lines: int) -> None:
    tx.record(PayExported(month=month, lines=lines))
