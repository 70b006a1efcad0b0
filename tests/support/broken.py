"""The service with one promise broken on purpose: `python -m tests.support.broken VARIANT serve`.

Run by the tests of the judges: a judge that lets any of these pass is blind.
"""

import sys
import time
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from sqlmodel import Session

from dispatcher import cli, database, jobs
from dispatcher.intake import api as intake
from dispatcher.models import Job
from realtime.hub import Hub
from realtime.protocol import Position, Subscribed

LATE_S = 0.4


def answer_before_commit() -> None:
    """Say yes as soon as the command ran; the disk has it a moment later, or never."""
    attempt: Callable[..., Any] = database._attempt
    commit = Session.commit

    def hasty(waiting: Any, *rest: Any, **named: Any) -> Any:
        outcome = attempt(waiting, *rest, **named)
        if outcome is not database._REFUSED:
            database._answer(waiting, outcome)
        return outcome

    def late(session: Any) -> None:
        time.sleep(LATE_S)
        commit(session)

    patch.object(database, "_attempt", hasty).start()
    patch.object(Session, "commit", late).start()


def no_idempotency() -> None:
    """Store every repeat as if it were new."""

    def always(_tx: Any, _scope: str, _key: str, _print: str, run: Callable[[], Any]) -> Any:
        return run()

    patch.object(intake, "once", always).start()


def no_replay() -> None:
    """Tell whoever comes back that he has missed nothing."""
    answer: Callable[..., Any] = Hub._answer

    async def forgetful(hub: Any, feed: Any, held: Position | None) -> Any:
        if held is None:
            return await answer(hub, feed, held)
        reached = Position(hub.epoch, max(held.offset, hub.position))
        return Subscribed(feed.ring.topic, reached, True, True, b"[]")

    patch.object(Hub, "_answer", forgetful).start()


def no_fence() -> None:
    """Let whoever ever held a job finish it."""

    def anybody(tx: Any, held: Any) -> Any:
        return tx.session.get(Job, held.job_id) or Job(
            id=held.job_id, org="", kind="", key="", payload={}, run_at=tx.wall, created_at=tx.wall
        )

    patch.object(jobs, "_held", anybody).start()


VARIANTS = {
    variant.__name__: variant
    for variant in (answer_before_commit, no_idempotency, no_replay, no_fence)
}

if __name__ == "__main__":
    VARIANTS[sys.argv.pop(1)]()
    cli.main()
