"""Is this the password: argon2id in a small pool, so that guesses cannot take the whole machine.

Source: OWASP ASVS 5.0, 6.2 and appendix C. One hash costs about 0.2 s of CPU and 64 MiB; two at a
time, twenty waiting, then 503.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from dispatcher.errors import Unavailable

_POOL = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")
_HASHER = PasswordHasher()
_WAITING_AT_MOST = 20
_waiting = 0


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password, parameters included."""
    return _HASHER.hash(password)


@cache
def _nobodys_hash() -> str:
    # Unknown names cost the same time as known ones, so that time does not tell them apart.
    return _HASHER.hash("nobody has this password")


def _verify(stored: str | None, password: str) -> bool:
    try:
        good = _HASHER.verify(stored or _nobodys_hash(), password)
    except (VerificationError, InvalidHashError):
        return False
    return bool(good) and stored is not None


async def is_password(stored: str | None, password: str) -> bool:
    """Return whether the password matches; `stored=None` stands for an unknown name.

    Raises:
        Unavailable: Too many sign-ins wait already.
    """
    global _waiting
    if _waiting >= _WAITING_AT_MOST:
        raise Unavailable("too many sign-ins at once", retry_after=5)
    _waiting += 1
    try:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(_POOL, _verify, stored, password)
    finally:
        _waiting -= 1
