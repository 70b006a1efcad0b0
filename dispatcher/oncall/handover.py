"""Notes from one turn to the next: what is going on, what to watch."""

from dispatcher.database import Tx
from dispatcher.errors import InvalidInput
from dispatcher.events.oncall_facts import HandoverNoted
from dispatcher.models import HandoverNote, OnCallPost


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
