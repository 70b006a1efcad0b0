"""A store with a small team of an on-call service, on the morning of a Wednesday."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dispatcher import event_log, migrations
from dispatcher.actors import system
from dispatcher.clock import FrozenClock
from dispatcher.database import Clocks, Store, Tx
from dispatcher.fixtures import fixtures_dir
from dispatcher.incidents.scoring import policy_key
from dispatcher.models import KeptState, OnCallPerson, OnCallPost
from priority.policy import Policy

ORG = "correze"
WEDNESDAY = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
POSTS = (("operations", "Exploitation", "E"), ("decision", "Décision", "D"))
TEAM = {"operations": 8, "decision": 4}


def fill(tx: Tx) -> None:
    """Two posts, eight people for one and four for the other; one is ill for a fortnight."""
    for position, (code, label, letter) in enumerate(POSTS):
        tx.session.add(
            OnCallPost(
                code=code,
                org=tx.org,
                label_fr=label,
                label_en=label,
                letter=letter,
                duty_kind=code,
                position=position,
            )
        )
        for number in range(TEAM[code]):
            away = [{"start": "2026-12-07", "end": "2026-12-21", "kind": "sick"}]
            tx.session.add(
                OnCallPerson(
                    id=tx.new_id(),
                    org=tx.org,
                    code=f"{code}-{number}",
                    name=f"{label} {number}",
                    posts=[code],
                    absences=away if (code, number) == ("operations", 0) else [],
                    carry={"weeks": 0.5} if number == 1 else {"weeks": 0.0},
                )
            )


def put_policy(tx: Tx) -> None:
    """The reference policy, whose calendar says when the service is open."""
    policy = Policy.from_toml((fixtures_dir() / "policy.toml").read_text("utf-8"))
    key = policy_key(tx.org)
    tx.session.add(KeptState(key=key, org=tx.org, ver=1, state={"json": policy.model_dump_json()}))


@pytest.fixture
def clock() -> FrozenClock:
    """Time in hand."""
    return FrozenClock(WEDNESDAY)


@pytest.fixture
def store(tmp_path: Path, clock: FrozenClock) -> Iterator[Store]:
    """A started store on a fresh database with the team in it."""
    url = f"sqlite:///{tmp_path / 'cpo.sqlite3'}"
    migrations.upgrade(url)
    made = Store(url, Clocks(clock, clock), event_log.append)
    made.start()
    made.submit_wait(lambda tx: event_log.found_log(tx.session), system(ORG))
    made.submit_wait(fill, system(ORG))
    yield made
    made.stop()
