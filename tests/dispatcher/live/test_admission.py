"""Looking sessions up together: the right answer for each, and nobody waits for ever."""

import asyncio

import pytest

from dispatcher.auth import sessions
from dispatcher.live.admission import Admission
from tests.support.world import World


async def test_who_arrives_together_is_looked_up_together(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    admission = Admission(world.service)
    looks: list[int] = []
    look = Admission._look

    def counted(self: Admission, tokens: tuple[str, ...]) -> object:
        looks.append(len(tokens))
        return look(self, tokens)

    monkeypatch.setattr(Admission, "_look", counted)
    tokens = [await world.sign_in(who) for who in ("operator", "observer", "dispatcher")]
    asked = [*tokens, *tokens, "invented"] * 5

    found = await asyncio.gather(*(admission.actor(token) for token in asked))

    names = [str(actor.role) if actor else None for actor in found]
    assert names == [*["operator", "observer", "dispatcher"] * 2, None] * 5
    assert sum(looks) == 4, "each once"
    assert len(looks) <= 2


async def test_a_session_that_has_ended_is_not_found_again(world: World) -> None:
    admission = Admission(world.service)
    token = await world.sign_in("operator")
    assert await admission.actor(token) is not None

    await world.do(lambda tx: sessions.close_session(tx, sessions.token_hash(token)))

    assert await admission.actor(token) is None


async def test_a_database_that_fails_fails_those_who_asked_and_nobody_after(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    admission = Admission(world.service)
    token = await world.sign_in("operator")
    with monkeypatch.context() as broken:
        broken.setattr(sessions, "find", lambda *_: 1 / 0)
        asked = [asyncio.ensure_future(admission.actor(token)) for _ in range(3)]
        told = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(error) for error in told] == [ZeroDivisionError] * 3
    assert await admission.actor(token) is not None


async def test_one_that_gives_up_takes_the_answer_from_nobody(world: World) -> None:
    admission = Admission(world.service)
    token = await world.sign_in("operator")
    first = asyncio.ensure_future(admission.actor(token))
    second = asyncio.ensure_future(admission.actor(token))
    await asyncio.sleep(0)
    first.cancel()
    assert await second is not None
