"""What live topics may know of a question: never its words, which can name people."""

from typing import cast

from dispatcher.events.field_states import QuestionState, QuestionStatus
from dispatcher.models import ExpertQuestion


def question_image(question: ExpertQuestion) -> QuestionState:
    """Return the image of a question at its present version."""
    brief = question.brief
    return QuestionState(
        id=question.id,
        ver=question.version,
        incident_id=question.incident_id,
        visit_id=question.visit_id,
        crew_id=question.crew_id,
        ref=brief["ref"],
        title=brief["title"],
        place=brief["place"],
        priority=brief["priority"],
        domain=question.domain,
        state=cast(QuestionStatus, question.state),
        level=question.level,
        asked_of=question.asked_of,
        asked_by=question.asked_by,
        asked_at=question.asked_at,
        due_at=question.due_at,
        taken_by=question.taken_by,
        planned_user=question.planned_user,
        planned_from=question.planned_from,
        planned_to=question.planned_to,
        answered_at=question.answered_at,
        simulated=question.simulated,
    )
