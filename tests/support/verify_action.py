"""The law of the live views: a screen, plus what it was told, is what a fresh screen shows.

After Zulip's `verify_action`. For every audience (operators' board, on-call rota, each crew, each
citizen) it takes a snapshot, lets something happen, applies the publications of the events and
compares with a new snapshot, key by key and version by version.
"""

import json
from collections import defaultdict
from collections.abc import Awaitable, Iterable
from typing import Any, TypeVar

from sqlmodel import Session, col, select

from dispatcher import event_log
from dispatcher.live.feed import publications
from dispatcher.live.views import audience_of, items_of
from dispatcher.models import Crew, Request, Visit
from realtime.protocol import Item, Publication, encode
from tests.support.world import ORG, World

T = TypeVar("T")
Screen = dict[str, tuple[int, Any]]

LIMIT = 100_000


def screen_of(items: Iterable[Item]) -> Screen:
    """Return what a client holds after a snapshot."""
    return {item.key: _held(item) for item in items if item.data is not None}


def apply(screen: Screen, publications: Iterable[Publication], after: int) -> Screen:
    """Return what a client holds after publications, applied by the rule of the protocol."""
    held, offset = dict(screen), after
    removed: dict[str, int] = {}
    for publication in publications:
        assert publication.offset > offset, "offsets of a topic rise"
        offset = publication.offset
        first = Item(publication.key, publication.ver, publication.data)
        for item in (first, *publication.also):
            known = held[item.key][0] if item.key in held else removed.get(item.key, -1)
            if item.ver <= known:
                continue
            if item.data is None:
                held.pop(item.key, None)
                removed[item.key] = item.ver
            else:
                held[item.key] = _held(item)
    return held


async def verify_action(world: World, action: Awaitable[T]) -> T:
    """Let something happen and return its result; fail when some screen would now be wrong."""
    with world.look() as session:
        start = event_log.head(session).seq
        before = _screens(session)
    result = await action
    await world.settle()
    with world.look() as session:
        fresh = _screens(session)
        events = event_log.events_after(session, start, LIMIT)
        audience = audience_of(session, ORG, events)
    told: dict[str, list[Publication]] = defaultdict(list)
    for event in events:
        for topic, publication in publications(event, audience):
            told[topic].append(publication)
    for topic, shown in fresh.items():
        seen = before.get(topic) or _idle_screen(topic, before[f"board:{ORG}"])
        followed = apply(seen, told[topic], start)
        assert followed == shown, _difference(topic, followed, shown)
    return result


def _idle_screen(topic: str, board: Screen) -> Screen:
    """Return what a topic not looked at held: a crew without visits itself, others nothing."""
    return {key: board[key] for key in (topic, "clock") if key in board}


def _screens(session: Session) -> dict[str, Screen]:
    return {topic: screen_of(items_of(session, topic)) for topic in audiences(session)}


def audiences(session: Session) -> list[str]:
    """Return every topic that has something to show; of the idle crews two stand for all."""
    busy = set(session.exec(select(Visit.crew_id)).all())
    idle = session.exec(select(Crew.id).where(Crew.org == ORG).order_by(col(Crew.position))).all()
    crews = busy | set(idle[:2])
    requests = session.exec(select(Request.topic)).all()
    return [
        f"board:{ORG}",
        f"rota:{ORG}",
        f"experts:{ORG}",
        *(f"crew:{crew}" for crew in crews),
        *requests,
    ]


def _held(item: Item) -> tuple[int, Any]:
    return item.ver, json.loads(encode(item.data))


def _difference(topic: str, followed: Screen, fresh: Screen) -> str:
    lines = [f"{topic}: a client that followed and a client that comes now see different things"]
    for key in sorted(followed.keys() | fresh.keys()):
        (old, ours), (new, theirs) = followed.get(key, (-1, {})), fresh.get(key, (-1, {}))
        if (old, ours) != (new, theirs):
            fields = [name for name in ours | theirs if ours.get(name) != theirs.get(name)]
            lines += [f"  {key} version {old} / {new}"]
            lines += [f"    {name}: {ours.get(name)} / {theirs.get(name)}" for name in fields]
    return "\n".join(lines)
