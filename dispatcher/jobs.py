"""Work for later, held by one worker at a time: lease, heartbeat, fence.

A worker that sleeps past its lease finds its fence outrun and its result refused. Rows are written
in the transaction of the fact that caused them, so no job is lost or invented.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_
from sqlmodel import col, select

from dispatcher.database import Tx
from dispatcher.errors import Conflict
from dispatcher.models import Job

LEASE = timedelta(seconds=30)
MAX_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on a job until `until`, proved by `fence`."""

    job_id: UUID
    kind: str
    key: str
    payload: dict[str, Any]
    fence: int
    until: datetime


def put(
    tx: Tx,
    kind: str,
    key: str,
    payload: dict[str, Any] | None = None,
    delay: timedelta = timedelta(0),
) -> None:
    """Ask for a job; one that already waits under the same kind and key serves (coalescing)."""
    waiting = tx.session.exec(
        select(Job).where(
            Job.org == tx.org, Job.kind == kind, Job.key == key, Job.state == "waiting"
        )
    ).first()
    if waiting is not None:
        waiting.payload = payload or {}
        return
    tx.session.add(
        Job(
            id=tx.new_id(),
            org=tx.org,
            kind=kind,
            key=key,
            payload=payload or {},
            run_at=tx.wall + delay,
            created_at=tx.wall,
        )
    )


def lease(tx: Tx, kinds: list[str], worker: str, ttl: timedelta = LEASE) -> Lease | None:
    """Take the oldest job that is due, or whose holder went silent; None when there is none."""
    while (job := _next(tx, kinds)) is not None and job.attempts >= MAX_ATTEMPTS:
        # Every holder vanished: it may be what kills them.
        job.state, job.error = "failed", job.error or "too many attempts"
        tx.session.flush()
    if job is None:
        return None
    job.state, job.worker = "leased", worker
    job.attempts += 1
    job.fence += 1
    job.lease_until = tx.wall + ttl
    return Lease(job.id, job.kind, job.key, job.payload, job.fence, job.lease_until)


def _next(tx: Tx, kinds: list[str]) -> Job | None:
    return tx.session.exec(
        select(Job)
        .where(
            col(Job.kind).in_(kinds),
            col(Job.run_at) <= tx.wall,
            or_(
                col(Job.state) == "waiting",
                (col(Job.state) == "leased") & (col(Job.lease_until) < tx.wall),
            ),
        )
        .order_by(col(Job.run_at))
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()


def heartbeat(tx: Tx, held: Lease, ttl: timedelta = LEASE) -> None:
    """Prolong a lease.

    Raises:
        Conflict: Somebody else holds the job now.
    """
    _held(tx, held).lease_until = tx.wall + ttl


def finish(tx: Tx, held: Lease) -> None:
    """Remove a job that is done, in the transaction of its result.

    Raises:
        Conflict: Somebody else holds the job now; the result must not be stored.
    """
    tx.session.delete(_held(tx, held))


def fail(tx: Tx, held: Lease, error: str, retry_in: timedelta = timedelta(seconds=5)) -> None:
    """Give a job back after an error; it is tried again later, at most five times in all."""
    job = _held(tx, held)
    job.error = error[:500]
    job.state = "failed" if job.attempts >= MAX_ATTEMPTS else "waiting"
    job.run_at = tx.wall + retry_in
    job.worker = job.lease_until = None


def _held(tx: Tx, held: Lease) -> Job:
    job = tx.session.get(Job, held.job_id, with_for_update=True)
    if job is None or job.fence != held.fence or job.state != "leased":
        raise Conflict("the lease of this job was lost")
    return job
