"""Versions of what people write: which came first, who wrote it, why. Knows no subject by name."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from dispatcher.database import Tx
from dispatcher.errors import Conflict
from dispatcher.models import Revision


def revisions(session: Session, org: str, subject: str) -> list[Revision]:
    """Return every version of a subject, newest first; empty before the first edit."""
    return list(
        session.exec(
            select(Revision)
            .where(Revision.org == org, Revision.subject == subject)
            .order_by(col(Revision.version).desc())
        ).all()
    )


def revision_at(session: Session, org: str, subject: str, at: datetime) -> Revision | None:
    """Return the version that was in force at an instant; None before the first edit."""
    found = revisions(session, org, subject)
    return next((one for one in found if one.at is None or one.at <= at), None)


def latest_versions(session: Session, org: str, prefix: str) -> dict[str, int]:
    """Return the newest version of each subject whose name starts so; unedited ones are absent."""
    rows = session.exec(
        select(Revision.subject, Revision.version)
        .where(Revision.org == org, col(Revision.subject).startswith(prefix, autoescape=True))
        .order_by(col(Revision.version))
    ).all()
    return dict(rows)


def revise(
    tx: Tx,
    subject: str,
    body: dict[str, Any],
    *,
    before: dict[str, Any] | None,
    note: str = "",
    replaces: int | None = None,
) -> int:
    """Keep the next version of a subject and return its number.

    Args:
        tx: The command's transaction; it holds the row that `body` is about.
        subject: What is edited.
        body: How it reads now.
        before: How it read until now, None if it did not exist: kept as version 1 when nobody has
            edited it yet.
        note: Why.
        replaces: Version that the author knew as the newest one; None takes any.

    Raises:
        Conflict: Another version was kept meanwhile.
    """
    kept = revisions(tx.session, tx.org, subject)
    newest = kept[0].version if kept else int(before is not None)
    if replaces is not None and replaces != newest:
        raise Conflict("another version was kept since", current=newest)
    if not kept and before is not None:
        tx.session.add(Revision(org=tx.org, subject=subject, version=1, body=before))
    tx.session.add(
        Revision(
            org=tx.org,
            subject=subject,
            version=newest + 1,
            body=body,
            note=note,
            by=tx.actor.name or tx.actor.label,
            at=tx.now,
        )
    )
    return newest + 1
