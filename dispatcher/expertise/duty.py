"""An expert says that he may be asked."""

from dispatcher.database import Tx
from dispatcher.errors import InvalidInput
from dispatcher.expertise.hours import ask_plan
from dispatcher.expertise.schemas import DutyIn, DutyOut
from dispatcher.models import ExpertDuty
from dispatcher.oncall.ladder import services_of


def set_duty(tx: Tx, wanted: DutyIn) -> DutyOut:
    """Keep until when, where and for which domains the actor may be asked.

    Raises:
        InvalidInput: A domain is no service of the catalogue.
    """
    unknown = set(wanted.domains) - set(services_of(tx.session, tx.org))
    if unknown:
        raise InvalidInput("no such domain", field="domains", domain=min(unknown))
    assert tx.actor.id is not None  # noqa: S101 - the door lets accounts in only
    row = tx.session.get(ExpertDuty, tx.actor.id)
    if row is None:
        row = ExpertDuty(user_id=tx.actor.id, org=tx.org, domains=[])
        tx.session.add(row)
    # Planning reads the new hours, even when nobody's question changed.
    ask_plan(tx)
    row.domains, row.phone, row.until = wanted.domains, wanted.phone, wanted.until
    return DutyOut(domains=row.domains, phone=row.phone, until=row.until)
