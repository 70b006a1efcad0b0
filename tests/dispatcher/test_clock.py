"""Time and chance: what comes out of the only module that may ask the machine for them."""

import re
from datetime import UTC, datetime, timedelta, timezone
from uuid import RFC_4122

from dispatcher.clock import (
    FrozenClock,
    ScaledClock,
    SystemClock,
    elapsed_ms,
    monotonic_s,
    new_id,
    secret_token,
    seeded,
)

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def test_an_id_is_a_uuid_of_version_seven() -> None:
    # RFC 9562, 5.7: 48 bits of Unix milliseconds, version 0111, 12 random bits, variant 10, 62
    # random bits.
    before = int(SystemClock().now().timestamp() * 1000)
    made = new_id()
    after = int(SystemClock().now().timestamp() * 1000)

    assert before <= made.int >> 80 <= after
    assert (made.int >> 76) & 0xF == 0b0111
    assert (made.int >> 62) & 0b11 == 0b10
    assert (made.version, made.variant) == (7, RFC_4122)


def test_the_random_bits_of_ids_are_all_used() -> None:
    ids = [new_id().int for _ in range(200)]
    ones = zeros = 0
    for value in ids:
        ones |= value
        zeros |= ~value
    random_bits = ((1 << 76) - 1) & ~(0b11 << 62)

    assert ones & random_bits == random_bits
    assert zeros & random_bits == random_bits


def test_ids_sort_by_their_millisecond_of_birth() -> None:
    first = new_id()
    while new_id().int >> 80 == first.int >> 80:
        pass

    assert str(first) < str(new_id())


def test_ids_are_unique() -> None:
    assert len({new_id() for _ in range(10_000)}) == 10_000


def test_a_secret_is_256_bits_in_characters_that_a_link_may_hold() -> None:
    secrets = {secret_token() for _ in range(100)}

    assert len(secrets) == 100
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", secret) for secret in secrets)


def test_the_system_clock_is_aware_and_in_utc() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)


def test_a_frozen_clock_moves_only_when_told() -> None:
    clock = FrozenClock(NOON.astimezone(timezone(timedelta(hours=2))))

    assert clock.now() == clock.now() == NOON
    assert clock.now().utcoffset() == timedelta(0)
    assert clock.advance(timedelta(hours=1)) == NOON + timedelta(hours=1)
    clock.set(NOON)
    assert clock.now() == NOON


def test_a_scaled_clock_runs_at_its_pace() -> None:
    base = FrozenClock(NOON)
    start = datetime(2026, 1, 1, 8, 0, tzinfo=UTC)
    clock = ScaledClock(base, start, 10)

    base.advance(timedelta(minutes=1))

    assert clock.now() == start + timedelta(minutes=10)


def test_a_change_of_pace_keeps_the_instant_reached() -> None:
    base = FrozenClock(NOON)
    clock = ScaledClock(base, NOON, 60)
    base.advance(timedelta(minutes=1))

    assert clock.set_rate(2) == NOON + timedelta(hours=1) == clock.now()
    base.advance(timedelta(minutes=1))
    assert clock.now() == NOON + timedelta(hours=1, minutes=2)


def test_a_paused_clock_stands_still_and_goes_on_from_there() -> None:
    base = FrozenClock(NOON)
    clock = ScaledClock(base, NOON, 5)
    clock.set_rate(0)
    base.advance(timedelta(hours=9))
    assert clock.now() == NOON

    clock.set_rate(1)
    base.advance(timedelta(minutes=1))
    assert clock.now() == NOON + timedelta(minutes=1)


def test_a_scaled_clock_never_runs_backwards_whatever_its_base_does() -> None:
    base = FrozenClock(NOON)
    clock = ScaledClock(base, NOON, 10)
    seen = []
    for step_s in (60, -30, -600, 0, 45, -1):
        base.advance(timedelta(seconds=step_s))
        seen.append(clock.now())
    seen.append(clock.set_rate(1))
    seen.append(clock.now())

    assert seen == sorted(seen)


def test_seeded_chance_repeats_itself() -> None:
    assert [seeded(19).random() for _ in range(2)] == [seeded(19).random()] * 2


def test_elapsed_time_never_is_negative() -> None:
    assert elapsed_ms(monotonic_s()) >= 0
