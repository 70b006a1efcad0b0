"""The citizen's private link: unguessable, unlinkable, and silent about everybody."""

import base64
import itertools
import re
from datetime import timedelta
from uuid import UUID

import httpx
from sqlmodel import select

from dispatcher.auth.sessions import token_hash
from dispatcher.auth.tracking import new_live_token, take_live_token, tracking_token
from dispatcher.database import Store
from dispatcher.models import Incident, Request
from tests.support.stores import SERVICE, log_of, open_store
from tests.support.world import ORIGIN, TUESDAY, World

CARNOT = {"lat": 45.2670, "lon": 1.7710, "address": "14 rue Carnot"}
CONTACT = {"name": "Ursule Lagarde", "phone": "06 11 22 33 44", "email": "ursule@example.fr"}
KEY = "0123456789abcdef"
SECRET = b"s" * 40


async def reported(world: World, client: httpx.AsyncClient) -> str:
    """Report as a citizen with a name and a phone, and return the token."""
    told = await world.report(client, "fuite d'eau, danger", place=CARNOT, contact=CONTACT)
    assert told["tracking_url"].startswith(f"{ORIGIN}/suivi/")
    return str(told["tracking_url"].rsplit("/", 1)[-1])


def test_a_token_has_256_bits() -> None:
    tokens = [tracking_token(b"s" * 32, UUID(int=number)) for number in range(200)]

    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", token) for token in tokens)
    assert len(set(tokens)) == 200
    shared = max(
        len([1 for a, b in zip(x, y, strict=True) if a == b]) for x, y in itertools.pairwise(tokens)
    )
    assert shared < 12, "neighbouring ids give unlike tokens"


def test_a_token_depends_on_the_services_secret() -> None:
    request = UUID(int=1)

    assert tracking_token(b"a" * 32, request) == tracking_token(b"a" * 32, request)
    assert tracking_token(b"a" * 32, request) != tracking_token(b"b" * 32, request)


async def test_a_repeated_report_gives_the_same_link(world: World) -> None:
    async with world.client() as citizen:
        answers = [
            await citizen.post(
                "/api/v1/reports", json={"text": "fuite"}, headers={"Idempotency-Key": KEY}
            )
            for _ in range(2)
        ]
    assert answers[0].json()["tracking_url"] == answers[1].json()["tracking_url"]


async def test_only_a_hash_of_the_token_is_stored_anywhere(world: World) -> None:
    async with world.client() as citizen:
        token = await reported(world, citizen)

    with world.look() as session:
        request = session.exec(select(Request)).one()
        log = [row.model_dump() for row in log_of(session)]
    assert request.token_hash == token_hash(token)
    assert token not in str(request.model_dump())
    assert token not in str(log)
    path = world.settings.sqlite_path
    assert path is not None
    on_disk = b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
    assert token.encode() not in on_disk


async def test_whatever_is_not_the_token_finds_nothing_and_looks_the_same(world: World) -> None:
    async with world.client() as citizen:
        token = await reported(world, citizen)
        with world.look() as session:
            incident = session.exec(select(Incident)).one()
            request = session.exec(select(Request)).one()
        last = "A" if token[-1] != "A" else "B"
        others = [
            token[:-1] + last,
            token[1:],
            token[:20],
            token.swapcase(),
            token + "A",
            str(incident.id),
            str(request.id),
            request.id.hex,
            incident.ref,
            request.topic,
            request.token_hash,
            "a" * 43,
            "%00",
            "'%20OR%201=1",
        ]
        pages = [await citizen.get(f"/suivi/{other}") for other in others]
        states = [await citizen.get(f"/suivi/{other}/etat") for other in others]
        lives = [await citizen.post(f"/suivi/{other}/live") for other in others]

    assert {answer.status_code for answer in (*pages, *states, *lives)} == {404}
    assert len({re.sub(r"/suivi/[^\"?]*", "", page.text) for page in pages}) == 1
    for answers in (states, lives):
        assert len({without_trace(answer) for answer in answers}) == 1


def without_trace(answer: httpx.Response) -> str:
    """Return a problem document without what differs between any two requests."""
    return str({name: value for name, value in answer.json().items() if name != "trace_id"})


async def test_every_answer_under_the_link_keeps_the_secret_to_itself(world: World) -> None:
    async with world.client() as citizen:
        token = await reported(world, citizen)
        answers = [
            await citizen.get(f"/suivi/{token}"),
            await citizen.get(f"/suivi/{token}/etat"),
            await citizen.post(f"/suivi/{token}/live"),
            await citizen.get("/suivi/nothing"),
        ]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 404]
    for answer in answers:
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "strict-origin"
        assert "noindex" in answer.headers["x-robots-tag"]


async def test_the_link_tells_nothing_about_people_crews_or_scores(world: World) -> None:
    async with world.client() as citizen, world.client("dispatcher") as desk:
        token = await reported(world, citizen)
        incident = (await desk.get("/api/v1/incidents")).json()["items"][0]
        offers = (await desk.get(f"/api/v1/incidents/{incident['id']}/offers")).json()
        crew = offers["offers"][0]
        await desk.post(
            f"/api/v1/incidents/{incident['id']}/accept",
            json={"crew_id": crew["crew_id"], "plan_version": offers["plan_version"]},
        )
        await desk.post(
            f"/api/v1/incidents/{incident['id']}/notes", json={"text": "Voisin pénible"}
        )
        await world.settle()
        page = (await citizen.get(f"/suivi/{token}")).text
        state = (await citizen.get(f"/suivi/{token}/etat")).json()
        live = (await citizen.post(f"/suivi/{token}/live")).json()

    assert state["step"] == "planned"
    # The secrets are 64 letters in any order: "P4" may well be in them.
    said = base64.urlsafe_b64decode(live["token"].partition(".")[0] + "===").decode()
    assert said.startswith(f'["{live["topic"]}",')
    told = page.replace(token, "") + str(state)
    silent = ["Ursule", "Lagarde", "06 11", "ursule@", "Dispatcher", "Voisin", crew["crew"]]
    silent += [crew["crew_id"], incident["id"], "P1", "P2", "P3", "P4", "score", "severity"]
    assert [word for word in silent if word in told] == []
    assert set(state) == {
        "ref", "ver", "step", "category", "category_label_fr", "category_label_en", "place",
        "reports", "window_from", "window_to", "stamps", "updated_at", "simulated",
    }  # fmt: skip


async def test_staff_see_no_more_through_the_link_than_citizens(world: World) -> None:
    async with world.client() as citizen, world.client("admin") as admin:
        token = await reported(world, citizen)
        assert (await citizen.get(f"/suivi/{token}/etat")).json() == (
            await admin.get(f"/suivi/{token}/etat")
        ).json()


async def test_the_link_leads_to_its_own_topic_only(world: World) -> None:
    async with world.client() as citizen:
        first, second = [await reported(world, citizen) for _ in range(2)]
        topics = [(await citizen.post(f"/suivi/{t}/live")).json()["topic"] for t in (first, second)]

    assert topics[0] != topics[1]
    assert all(topic.startswith("request:") for topic in topics)


def test_a_live_token_opens_its_topic_once_on_whichever_process(either: Store) -> None:
    token = new_live_token(SECRET, "request:one", TUESDAY)
    with open_store(either.url, TUESDAY) as elsewhere:
        assert taken(elsewhere, token) == "request:one"
    assert taken(either, token) is None
    assert taken(either, new_live_token(SECRET, "request:one", TUESDAY)) == "request:one"


def test_a_live_token_lives_a_minute(either: Store) -> None:
    token = new_live_token(SECRET, "request:one", TUESDAY - timedelta(seconds=60))

    assert taken(either, token) is None


def test_a_made_up_live_token_opens_nothing(either: Store) -> None:
    token = new_live_token(SECRET, "request:one", TUESDAY)
    body, _, signature = token.partition(".")
    other = new_live_token(SECRET, "request:two", TUESDAY).partition(".")[0]
    foreign = new_live_token(b"another secret", "request:one", TUESDAY)
    for made_up in ("", ".", "x", body, f"{body}.", f".{signature}", f"{other}.{signature}"):
        assert taken(either, made_up) is None
    assert taken(either, foreign) is None
    assert taken(either, f"é.{signature}") is None
    assert taken(either, token) == "request:one"


def taken(store: Store, token: str) -> str | None:
    return store.submit_wait(lambda tx: take_live_token(tx, SECRET, token), SERVICE)
