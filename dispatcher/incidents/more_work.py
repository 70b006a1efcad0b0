"""Work beyond the first order of an incident: a second crew, and what is left for later."""

from datetime import datetime

from dispatcher.database import Tx
from dispatcher.models import Category, Incident, WorkOrder


def order_more_work(
    tx: Tx, incident: Incident, due_at: datetime | None, duration_s: int | None = None
) -> WorkOrder:
    """Open another work order for an incident, and return it.

    Args:
        tx: The command's transaction.
        incident: What needs a second crew.
        due_at: Until when it should be there.
        duration_s: Seconds on site; what the category usually takes by default.
    """
    category = tx.session.get_one(Category, incident.category)
    order = WorkOrder(
        id=tx.new_id(),
        org=tx.org,
        incident_id=incident.id,
        skills=category.skills,
        duration_s=duration_s or category.duration_min * 60,
        due_at=due_at,
        created_at=tx.now,
    )
    tx.session.add(order)
    tx.session.flush()
    return order
