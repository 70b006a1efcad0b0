"""What boards may know of a page: its row as an image."""

from typing import Literal, cast

from dispatcher.events.states import PageCalledState, PageState, Priority
from dispatcher.models import Page


def page_image(page: Page) -> PageState:
    """Return the image of a page at its present version."""
    called = [PageCalledState.model_validate(one) for one in page.called]
    return PageState(
        id=page.id,
        ver=page.version,
        incident_id=page.incident_id,
        ref=page.brief["ref"],
        title=page.brief["title"],
        place=page.brief["place"],
        priority=cast(Priority, page.priority),
        state=cast(Literal["open", "acknowledged", "ended"], page.state),
        opened_at=page.opened_at,
        rung=page.rung,
        rungs=len(page.ladder),
        round=page.round,
        called=called,
        next_at=page.due_at if page.state == "open" else None,
        unanswered_at=page.unanswered_at,
        acknowledged_by=page.brief.get("acknowledged_by"),
        ended_at=page.ended_at,
        ended_why=page.ended_why,
        simulated=page.simulated,
    )
