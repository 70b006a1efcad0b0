"""Notes from one turn to the next: what is going on, what to watch."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, or_, select

from dispatcher.database import Tx
from dispatcher.errors import InvalidInput, NotFound
from dispatcher.events.oncall_facts import HandoverNoted, HandoverRead
from dispatcher.models import HandoverNote, OnCallPost

LATEST = 50


def note_handover(tx: Tx, text: str, post: str | None) -> HandoverNote:
    """Leave a note for whoever takes over, for one post or for all.

    Raises:
        InvalidInput: No such post here.
    """
    if post is not None:
        known = tx.session.get(OnCallPost, post)
        if known is None or known.org != tx.org:
            raise InvalidInput("no such post", field="post")
    made = HandoverNote(
        id=tx.new_id(), org=tx.org, post=post, author=tx.actor.name, text=text, at=tx.now
    )
    tx.session.add(made)
    tx.record(HandoverNoted(note_id=made.id, post=post))
    return made


def read_handover(tx: Tx, note_id: UUID) -> HandoverNote:
    """Note that somebody read what the turn before left; a second time changes nothing.

    Raises:
        NotFound: No such note here.
    """
    note = tx.session.get(HandoverNote, note_id, with_for_update=True)
    if note is None or note.org != tx.org:
        raise NotFound(what="note")
    if tx.actor.name not in {one["name"] for one in note.seen}:
        note.seen = [*note.seen, {"name": tx.actor.name, "at": tx.now.isoformat()}]
        tx.record(HandoverRead(note_id=note.id))
    return note


def notes_for(
    session: Session, org: str, posts: Sequence[str] | None = None, most: int = LATEST
) -> Sequence[HandoverNote]:
    """Return the last notes, newest first: all, or those for everybody and for some posts."""
    query = select(HandoverNote).where(HandoverNote.org == org)
    if posts is not None:
        query = query.where(
            or_(col(HandoverNote.post).is_(None), col(HandoverNote.post).in_(posts))
        )
    return session.exec(query.order_by(col(HandoverNote.at).desc()).limit(most)).all()
