"""The stages of a request as its page shows them."""

from datetime import UTC, datetime, timedelta

import pytest

from dispatcher.events.states import Step
from dispatcher.intake.following import ENDS, WAY, stages_of

NINE = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def stamps(*steps: Step) -> dict[str, datetime]:
    return {step: NINE + timedelta(minutes=10 * rank) for rank, step in enumerate(steps)}


def states(step: Step, *passed: Step) -> dict[str, str]:
    return {stage.step: stage.state for stage in stages_of(step, stamps(*passed))}


def test_a_fresh_request_is_being_examined() -> None:
    assert states("received", "received") == {
        "received": "done",
        "examined": "current",
        "planned": "todo",
        "en_route": "todo",
        "on_site": "todo",
        "done": "todo",
    }


@pytest.mark.parametrize("step", WAY[1:-1])
def test_what_is_behind_is_done_and_what_is_ahead_is_to_come(step: Step) -> None:
    found = states(step, *WAY[: WAY.index(step) + 1])

    assert list(found) == list(WAY)
    rank = WAY.index(step)
    assert set(list(found.values())[:rank]) == {"done"}
    assert found[step] == "current"
    assert set(list(found.values())[rank + 1 :]) == {"todo"}


def test_a_repaired_request_is_done_from_end_to_end() -> None:
    assert set(states("done", *WAY).values()) == {"done"}


@pytest.mark.parametrize("end", sorted(ENDS))
def test_a_request_that_ends_without_a_visit_shows_what_was_done_and_its_end(end: Step) -> None:
    assert states(end, "received", "examined", end) == {
        "received": "done",
        "examined": "done",
        end: "done",
    }


def test_a_step_taken_back_does_not_date_what_is_ahead() -> None:
    # The crew refused: the request is examined again, and the old stamps must not show.
    found = stages_of("examined", stamps("received", "examined", "planned", "en_route"))

    assert [stage.step for stage in found if stage.at is not None] == ["received", "examined"]
