"""Where a crew is, while it serves a visit: no longer, and nobody's appraisal."""

from typing import cast

from sqlmodel import col, select

from dispatcher.crews.commands import CrewActivity, set_activity
from dispatcher.database import Tx
from dispatcher.models import Crew, Visit
from dispatcher.planning.workflow import COMMITTED


def locate_crew(tx: Tx, crew: Crew, at: tuple[float, float]) -> bool:
    """Note where a crew is; return False, and keep nothing, unless it is on its way or at work.

    Source: CNIL, délibération 2015-165: no collection outside the work that needs it.

    Args:
        tx: The command's transaction.
        crew: The crew.
        at: (latitude, longitude), degrees.
    """
    under_way = [state.value for state in COMMITTED]
    busy = tx.session.exec(
        select(Visit.id).where(Visit.crew_id == crew.id, col(Visit.state).in_(under_way))
    ).first()
    if busy is None:
        return False
    set_activity(tx, crew, cast(CrewActivity, crew.state), at)
    return True
