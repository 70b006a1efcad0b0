"""The calendar feeds that several people share, of a post or of a sector: what each shows, and its
secret link, made anew or shut by itself.

A link derives from the feed's id and a number: raising the number makes every link given out
before open nothing. A feed that was never changed has no row.
"""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID, uuid5

from sqlmodel import Session, select

from dispatcher.auth.links import id_of, numbered, read_link, sign_link
from dispatcher.database import Tx
from dispatcher.errors import NotFound
from dispatcher.events.oncall_facts import SharedLinkChanged
from dispatcher.models import OnCallPost, SharedFeed
from dispatcher.oncall.snapshot import posts_of

PURPOSE = "shared_calendar"
NAMES = UUID("8d0c7a52-6f0e-4c38-9a1d-2f4b5e7c9d10")
"""Of posts and sectors as ids, which links are made for."""

Kind = Literal["post", "sector"]


@dataclass(frozen=True, slots=True)
class Feed:
    """What a link opens.

    Attributes:
        id: What the link is made for; the same as long as post or sector keeps its code.
        posts: Codes of the posts whose turns it shows.
        serial: Number of its present link.
        is_open: Whether that link opens anything.
    """

    id: UUID
    kind: Kind
    code: str
    label: str
    posts: frozenset[str]
    serial: int = 0
    is_open: bool = True

    def token(self, secret: bytes) -> str:
        """Return the token of its present link."""
        return sign_link(secret, numbered(PURPOSE, self.serial), self.id)


def feeds_of(session: Session, org: str, locale: str) -> list[Feed]:
    """Return a feed for each post, then one for each sector; a post without sectors is of all."""
    posts = posts_of(session, org)
    rows = session.exec(select(SharedFeed).where(SharedFeed.org == org)).all()
    known = {row.id: row for row in rows}

    def feed(kind: Kind, code: str, label: str, within: set[str]) -> Feed:
        about = uuid5(NAMES, f"{org}/{kind}/{code}")
        row = known.get(about)
        serial, is_open = (row.serial, row.is_open) if row is not None else (0, True)
        return Feed(about, kind, code, label, frozenset(within), serial, is_open)

    feeds = [feed("post", post.code, label_of(post, locale), {post.code}) for post in posts]
    for sector in sorted({sector for post in posts for sector in post.sectors}):
        within = {post.code for post in posts if not post.sectors or sector in post.sectors}
        feeds.append(feed("sector", sector, sector, within))
    return feeds


def feed_behind(session: Session, org: str, secret: bytes, token: str, locale: str) -> Feed:
    """Return the feed that a link opens.

    Raises:
        NotFound: Malformed, forged, made anew since, shut, or of another authority: all alike.
    """
    about = id_of(token)
    feed = next((one for one in feeds_of(session, org, locale) if one.id == about), None)
    if feed is None or not feed.is_open:
        raise NotFound()
    read_link(secret, numbered(PURPOSE, feed.serial), token)
    return feed


def change_link(tx: Tx, kind: Kind, code: str, *, is_open: bool, locale: str) -> Feed:
    """Make the link of a feed anew, or shut it until it is made anew.

    Raises:
        NotFound: No such post or sector here.
    """
    feeds = feeds_of(tx.session, tx.org, locale)
    feed = next((one for one in feeds if (one.kind, one.code) == (kind, code)), None)
    if feed is None:
        raise NotFound(what=kind)
    row = tx.session.get(SharedFeed, feed.id, with_for_update=True)
    if row is None:
        row = SharedFeed(id=feed.id, org=tx.org, changed_at=tx.wall)
        tx.session.add(row)
    row.serial, row.is_open, row.changed_at = row.serial + 1, is_open, tx.wall
    tx.record(SharedLinkChanged(scope=kind, code=code, open=is_open))
    return Feed(feed.id, kind, code, feed.label, feed.posts, row.serial, is_open)


def label_of(post: OnCallPost, locale: str) -> str:
    """Return the name of a post in a language."""
    return post.label_en if locale == "en" else post.label_fr
