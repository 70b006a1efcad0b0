"""A reply by SMS takes a page: « OK 4821 », from the telephone of somebody who was called.

The code is enough for a person who was called for several; with a single one any yes will do. A
number that nobody knows, and a person who was not called, change nothing.
"""

import re
from typing import Literal, cast
from uuid import UUID

from sqlmodel import col, select

from dispatcher.database import Tx
from dispatcher.models import InboundMessage, OnCallPerson, Page, PageCall
from dispatcher.oncall import paging

Outcome = Literal["acknowledged", "taken", "unknown_number", "not_understood", "no_page"]
_YES = re.compile(r"\b(ok|oui|yes|recu|reçu|pris|prends|vu)\b", re.IGNORECASE)
_CODE = re.compile(r"\b(\d{4})\b")


def receive_reply(tx: Tx, message_id: str, sender: str, text: str) -> Outcome:
    """Take a reply once, whatever the number of times the provider hands it over.

    Args:
        tx: The command's transaction.
        message_id: The provider's id of the reply.
        sender: Telephone number in any usual French or international form.
        text: What was written.
    """
    known = tx.session.get(InboundMessage, message_id)
    if known is not None:
        return cast("Outcome", known.outcome)
    person = _person(tx, sender)
    outcome: Outcome = "unknown_number" if person is None else _act(tx, person, text)
    tx.session.add(
        InboundMessage(
            id=message_id,
            org=tx.org,
            received_at=tx.wall,
            person_id=person.id if person else None,
            outcome=outcome,
        )
    )
    return outcome


def _act(tx: Tx, person: OnCallPerson, text: str) -> Outcome:
    code = _CODE.search(text)
    if code is None and not _YES.search(text):
        return "not_understood"
    called = _called_for(tx, person.id)
    if code is not None:
        called = [page for page in called if page.code == code.group(1)]
    open_ = [page for page in called if page.state == paging.OPEN]
    if len(open_) == 1:
        paging.acknowledge(tx, open_[0].id, person.id, "sms")
        return "acknowledged"
    if not open_:
        return "taken" if called else "no_page"
    return "not_understood"


def _called_for(tx: Tx, person_id: UUID) -> list[Page]:
    """Return the live pages that a person was called for."""
    calls = select(PageCall.page_id).where(PageCall.person_id == person_id)
    return list(
        tx.session.exec(
            select(Page).where(
                Page.org == tx.org, Page.state != paging.ENDED, col(Page.id).in_(calls)
            )
        ).all()
    )


def _person(tx: Tx, sender: str) -> OnCallPerson | None:
    wanted = national(sender)
    people = tx.session.exec(select(OnCallPerson).where(OnCallPerson.org == tx.org)).all()
    return next((p for p in people if p.phone and national(p.phone) == wanted), None)


def national(number: str) -> str:
    """Return a French number in its national form, others by their digits.

    >>> national("+33 6 39 98 00 01"), national("0033639980001"), national("06.39.98.00.01")
    ('0639980001', '0639980001', '0639980001')
    """
    digits = re.sub(r"\D", "", number)
    for prefix in ("0033", "33"):
        if digits.startswith(prefix) and len(digits) == len(prefix) + 9:
            return "0" + digits.removeprefix(prefix)
    return digits
