"""Who learns what of an event: its images as publications for operators, crews and citizens.

A publication sets or removes keys of one topic; the view of a key depends on nothing but its
image, so the same functions serve events and snapshots. Nothing personal reaches a topic, and
citizens see neither crews, nor scores, nor other people's words.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

from dispatcher.models import EventRow
from realtime.protocol import Item, Publication

Json = dict[str, Any]

ON_BOARD = frozenset(
    {"received", "triaged", "in_progress", "stabilised", "resolved", "on_hold", "reopened"}
)
"""Incident states that the board shows."""

OFF_ROUTE = frozenset({"cancelled", "reassigned", "refused", "proposed"})
"""Visit states that neither board nor crew show."""

SINGLE = frozenset({"plan", "oncall", "oncall_alerts", "clock", "weather"})
"""Kinds of which an authority has one: their key is the kind."""


FROM_FIELD = frozenset({"help", "question", "lone"})
"""Kinds that a crew has asked for or must answer: its own topic has them."""


@dataclass(frozen=True, slots=True)
class Labels:
    """A category's name in both languages."""

    fr: str
    en: str


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom an event concerns beyond what it says itself.

    Attributes:
        requests: Topics of the citizens who follow an incident.
        crews: Every crew of the authority.
        labels: Category names.
    """

    requests: Mapping[UUID, tuple[str, ...]] = field(default_factory=dict)
    crews: tuple[UUID, ...] = ()
    labels: Mapping[str, Labels] = field(default_factory=dict)


def key_of(image: Json) -> str:
    """Return the key of an image on a topic."""
    kind: str = image["kind"]
    return kind if kind in SINGLE else f"{kind}:{image['id']}"


def board_item(image: Json) -> Item:
    """Return what the operators' board holds of an image."""
    return Item(key_of(image), image["ver"], image if _is_on_board(image) else None)


def crew_item(image: Json, crew_id: UUID) -> Item:
    """Return what a crew holds of an image; a visit of another crew is gone."""
    shown = True
    if image["kind"] == "visit" or image["kind"] in FROM_FIELD:
        shown = image["crew_id"] == str(crew_id) and _is_on_board(image)
    return Item(key_of(image), image["ver"], image if shown else None)


def citizen_item(image: Json, labels: Mapping[str, Labels]) -> Item:
    """Return what the person who reported an incident may know of it."""
    progress = image["progress"]
    named = labels.get(image["category"], Labels(image["category"], image["category"]))
    place = image["place"]
    view = {
        "ref": image["ref"],
        "ver": image["ver"],
        "step": progress["step"],
        "category": image["category"],
        "category_label_fr": named.fr,
        "category_label_en": named.en,
        "place": {"label": place["label"], "commune": place["commune"]},
        "reports": image["reports"],
        "window_from": progress["window_from"],
        "window_to": progress["window_to"],
        "stamps": progress["stamps"],
        "updated_at": image["updated_at"],
        "simulated": image["simulated"],
    }
    return Item("request", image["ver"], view)


def publications(event: EventRow, audience: Audience) -> list[tuple[str, Publication]]:
    """Return what an event tells each topic it concerns, at most one publication a topic."""
    told: dict[str, list[Item]] = {}
    for image in event.after:
        kind = image["kind"]
        told.setdefault(f"board:{event.org}", []).append(board_item(image))
        for crew_id in _crews_of(event, image, audience):
            told.setdefault(f"crew:{crew_id}", []).append(crew_item(image, crew_id))
        if kind == "incident":
            for topic in audience.requests.get(UUID(image["id"]), ()):
                told.setdefault(topic, []).append(citizen_item(image, audience.labels))
        elif kind in {"oncall", "oncall_alerts", "page"}:
            told.setdefault(f"rota:{event.org}", []).append(board_item(image))
        elif kind in {"question", "clock"}:
            told.setdefault(f"experts:{event.org}", []).append(board_item(image))
    return [(topic, _publication(event, _latest(items))) for topic, items in told.items()]


def _crews_of(event: EventRow, image: Json, audience: Audience) -> Iterable[UUID]:
    if image["kind"] == "visit":
        yield UUID(image["crew_id"])
        left = event.data.get("left_crew_id")
        if left and left != image["crew_id"]:
            yield UUID(left)
    elif image["kind"] in FROM_FIELD:
        if image["crew_id"]:
            yield UUID(image["crew_id"])
    elif image["kind"] == "crew":
        yield UUID(image["id"])
    elif image["kind"] == "clock":
        yield from audience.crews


def _is_on_board(image: Json) -> bool:
    match image["kind"]:
        case "incident":
            return image["state"] in ON_BOARD
        case "visit":
            return not image["archived"] and image["state"] not in OFF_ROUTE
        case "proposal":
            return image["state"] in ("open", "applied")
        case "page" | "lone":
            return bool(image["state"] != "ended")
        case "help":
            return bool(image["state"] == "open")
        case "question":
            return image["state"] in ("open", "taken")
        case _:
            return True


def _latest(items: list[Item]) -> list[Item]:
    """Keep one item a key: the newest."""
    newest: dict[str, Item] = {}
    for item in items:
        if item.key not in newest or item.ver >= newest[item.key].ver:
            newest[item.key] = item
    return list(newest.values())


def _publication(event: EventRow, items: list[Item]) -> Publication:
    first, *also = items
    return Publication(
        offset=event.seq,
        id=str(event.id),
        type=event.type,
        key=first.key,
        ver=first.ver,
        at=event.at.isoformat().replace("+00:00", "Z"),
        data=cast(Json | None, first.data),
        also=tuple(also),
    )
