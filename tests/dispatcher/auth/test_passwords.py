"""Is this the password: and how many may ask at once."""

import asyncio

import pytest
from argon2 import PasswordHasher, extract_parameters

from dispatcher.auth.passwords import hash_password, is_password
from dispatcher.errors import Unavailable

# Cheap parameters: what is tested here does not depend on the price of a guess.
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
GOOD = CHEAP.hash("correct horse battery staple")


async def test_the_password_opens_and_others_do_not() -> None:
    assert await is_password(GOOD, "correct horse battery staple")
    assert not await is_password(GOOD, "correct horse battery stapl")
    assert not await is_password(GOOD, "")


async def test_nobody_has_a_password() -> None:
    assert not await is_password(None, "nobody has this password")


@pytest.mark.parametrize(
    "stored", ["", "plain", "$argon2id$broken", "$2b$12$abcdefghijklmnopqrstuv"]
)
async def test_a_hash_that_is_none_opens_nothing(stored: str) -> None:
    assert not await is_password(stored, "plain")


def test_a_guess_costs_what_the_standard_asks() -> None:
    # OWASP ASVS 5.0 appendix C: argon2id, at least 46 MiB for one pass.
    hashed = hash_password("a long enough password")
    parameters = extract_parameters(hashed)

    assert hashed.startswith("$argon2id$")
    assert parameters.memory_cost >= 46 * 1024
    assert parameters.time_cost >= 1
    assert parameters.salt_len >= 16


def test_the_same_password_twice_gives_two_hashes() -> None:
    assert CHEAP.hash("same") != CHEAP.hash("same")


async def test_more_guesses_than_the_pool_takes_are_refused_with_a_delay() -> None:
    answers = await asyncio.gather(
        *(is_password(GOOD, "guess") for _ in range(25)), return_exceptions=True
    )

    refused = [answer for answer in answers if isinstance(answer, Unavailable)]
    assert len(refused) == 5
    assert refused[0].params["retry_after"] == 5
    assert answers.count(False) == 20
    assert await is_password(GOOD, "correct horse battery staple"), "the pool recovered"
