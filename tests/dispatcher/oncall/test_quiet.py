"""Quiet hours and repeats by post and by class: who is left to sleep, who is called more often."""

from datetime import UTC, datetime, time, timedelta
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from dispatcher.database import Tx
from dispatcher.events.states import Priority
from dispatcher.incidents import commands as incidents
from dispatcher.models import Incident
from dispatcher.oncall.ladder import ClassRule, PagingPolicy, PostRule, change_policy
from dispatcher.oncall.quiet import Silence
from tests.support.oncall import LEAK, PARIS, NightShift
from tests.support.world import World

QUIET = datetime(2026, 11, 24, 22, 30, tzinfo=UTC)
"""Tuesday 23:30 in Paris."""
EVENING = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)
"""Tuesday 21:00 in Paris."""


async def begun(world: World, policy: PagingPolicy, at: datetime) -> NightShift:
    night = NightShift(world)
    await night.begin()
    await world.do(partial(change_policy, wanted=policy))
    world.clock.set(at)
    return night


async def leak(night: NightShift, priority: Priority) -> UUID:
    incident_id = await night.world.incident(LEAK)

    def override(tx: Tx) -> None:
        incidents.override_priority(tx, tx.session.get_one(Incident, incident_id), priority, "test")

    await night.world.do(override)
    await night.turn()
    return incident_id


async def test_a_post_that_is_never_quiet_is_called_at_night_for_a_lesser_class(
    world: World,
) -> None:
    policy = PagingPolicy(posts=(PostRule(code="operations-tulle", quiet_classes=()),))
    night = await begun(world, policy, QUIET)
    incident_id = await leak(night, "P2")

    assert night.called(incident_id) == ["Sophie Mazière"]


async def test_the_ladder_passes_over_a_post_in_its_quiet_hours(world: World) -> None:
    rules = (PostRule(code="operations-tulle", quiet_classes=("P1",)),)
    night = await begun(world, PagingPolicy(posts=rules), QUIET)
    incident_id = await leak(night, "P1")

    assert night.called(incident_id) == ["Anne Faure"]


async def test_a_page_nobody_may_be_called_for_waits_for_the_first_post_that_may(
    world: World,
) -> None:
    rule = PostRule(
        code="decision", rung=3, quiet_from=time(22), quiet_until=time(5), quiet_classes=("P2",)
    )
    night = await begun(world, PagingPolicy(posts=(rule,)), QUIET)
    incident_id = await leak(night, "P2")

    page = night.page(incident_id)
    assert page.called == []
    assert page.unanswered_at is None
    assert page.due_at is not None
    assert page.due_at.astimezone(PARIS).strftime("%d %H:%M") == "25 05:00"
    await night.pass_minutes(5.5 * 60)
    assert night.called(incident_id) == ["Anne Faure"]


async def test_a_page_already_running_falls_silent_with_the_quiet_hours(world: World) -> None:
    policy = PagingPolicy(quiet_from=time(21, 10))
    night = await begun(world, policy, EVENING)
    incident_id = await leak(night, "P2")
    assert night.called(incident_id) == ["Sophie Mazière"]
    calls = len(night.deliveries(channel="sms"))

    for _ in range(12):
        await night.pass_minutes(5)
    after = len(night.deliveries(channel="sms"))
    for _ in range(6):
        await night.pass_minutes(60)

    assert after - calls <= 2
    due = night.page(incident_id).due_at
    assert len(night.deliveries(channel="sms")) == after
    assert due is not None
    assert due.astimezone(PARIS).strftime("%d %H:%M") == "25 06:00"


async def test_a_class_has_its_own_quiet_hours_and_its_own_pause(world: World) -> None:
    rule = ClassRule(name="P2", quiet_from=time(2), quiet_until=time(3), again_min=45)
    policy = PagingPolicy(class_rules=(rule,), wait_min=(1,), tries=1)
    night = await begun(world, policy, QUIET)
    incident_id = await leak(night, "P2")
    assert night.called(incident_id) == ["Sophie Mazière"]

    for _ in range(4):
        await night.pass_minutes(1)
    page = night.page(incident_id)
    assert page.unanswered_at is not None
    assert page.due_at == page.unanswered_at + timedelta(minutes=45)


async def test_an_insistent_post_is_called_more_often_within_the_same_time(world: World) -> None:
    rules = (PostRule(code="operations-tulle", tries=3, wait_min=6),)
    night = await begun(world, PagingPolicy(posts=rules), EVENING)
    incident_id = await leak(night, "P1")
    for _ in range(5):
        await night.pass_minutes(1)

    sophie = str(night.person_id("sophie-maziere"))
    assert len(night.deliveries(channel="sms", target=f"person:{sophie}")) == 3
    assert night.called(incident_id) == ["Sophie Mazière"]


@pytest.mark.parametrize(
    "rule",
    [
        {"code": "decision", "quiet_from": "22:00"},
        {"code": "decision", "quiet_from": "22:00Z", "quiet_until": "06:00Z"},
        {"code": "decision", "tries": 9},
        {"code": "decision", "quiet_classes": ["P9"]},
    ],
)
def test_half_a_rule_is_refused(rule: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        PagingPolicy.model_validate({"posts": [rule]})


@given(
    starts=st.times(),
    ends=st.times(),
    at=st.datetimes(
        datetime(2026, 3, 1), datetime(2026, 12, 1), timezones=st.just(ZoneInfo("UTC"))
    ),
)
def test_silence_ends_within_a_day_and_never_inside_itself(
    starts: time, ends: time, at: datetime
) -> None:
    silence = Silence(starts.replace(fold=0), ends.replace(fold=0))
    over = silence.over_at(at, PARIS)
    assert at <= over
    assert (over - at).total_seconds() <= 25 * 3600
    assert over == at or over.astimezone(PARIS).time() == ends.replace(fold=0)
