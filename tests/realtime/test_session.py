"""One connection as a state machine: no socket, time in hand."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.protocol import CloseCode, CommandError, ErrorCode, Position, Subscribed
from realtime.session import (
    Attend,
    Authenticate,
    Bye,
    Effect,
    GoLive,
    Leave,
    Limits,
    Load,
    Outcome,
    Say,
    Session,
)

LIMITS = Limits(topics=3, commands_per_s=5, patience=10)
DENIED = CommandError(ErrorCode.PERMISSION_DENIED, "permission denied")


def loaded(topic: str, offset: int = 9) -> Subscribed:
    return Subscribed(topic, Position("k", offset), False, False, b"[]")


def said(effects: list[Effect]) -> list[dict[str, object]]:
    return [json.loads(effect.payload) for effect in effects if isinstance(effect, Say)]


def connect(**body: object) -> str:
    return json.dumps({"id": 1, "connect": {"v": 1, **body}})


def subscribe(topic: str, number: int = 2) -> str:
    return json.dumps({"id": number, "subscribe": {"topic": topic}})


def opened(now: float = 0.0, serial: int = 24, expires_in_s: float | None = None) -> Session:
    session = Session(serial, LIMITS, now)
    session.receive(connect(), now)
    [load] = session.admitted(now, expires_in_s)
    assert isinstance(load, Load)
    session.loaded(load, [], now)
    return session


def follow(session: Session, topic: str, outcome: Outcome | None = None) -> list[Effect]:
    [load] = session.receive(subscribe(topic), 0.0)
    assert isinstance(load, Load)
    return session.loaded(load, [outcome or loaded(topic)], 0.0)


def test_connect_asks_who_it_is_then_loads_then_answers_then_goes_live():
    session = Session(7, LIMITS, 0.0)
    subs = {"board:x": {"epoch": "k", "offset": 4}, "crew:7": {}}
    assert session.receive(connect(token="t", subs=subs), 0.0) == [Authenticate("t")]
    [load] = session.admitted(1.0, expires_in_s=3600)
    wanted = (("board:x", Position("k", 4)), ("crew:7", None))
    assert load == Load(1, "connect", wanted)
    effects = session.loaded(load, [loaded("board:x"), DENIED], 1.0)
    assert [type(effect) for effect in effects] == [Say, GoLive]
    [frame] = said(effects)
    assert frame["id"] == 1
    welcome = frame["connect"]
    assert welcome["client"] == "c-7"
    assert welcome["expires"] == 3600
    assert welcome["subs"]["board:x"]["snapshot"] == []
    assert welcome["subs"]["crew:7"]["error"]["code"] == 103


@pytest.mark.parametrize(
    "frame", [subscribe("board:x"), '{"id":1,"presence":{"topic":"a:b"}}', "nonsense", None]
)
def test_nothing_but_a_pong_is_heard_before_connect(frame):
    session = Session(1, LIMITS, 0.0)
    assert session.receive("{}", 0.0) == []
    [bye] = session.receive(frame, 0.0)
    assert isinstance(bye, Bye)
    assert bye.code is CloseCode.BAD_REQUEST


def test_a_connection_that_does_not_say_who_it_is_in_five_seconds_is_closed():
    session = Session(1, LIMITS, 100.0)
    assert session.tick(104.9) == []
    [bye] = session.tick(105.0)
    assert bye == Bye(CloseCode.STALE, "not authenticated in time")
    assert session.tick(200.0) == []


def test_a_second_connect_is_refused():
    [bye] = opened().receive(connect(), 0.0)
    assert isinstance(bye, Bye)


def test_subscribe_loads_answers_and_goes_live_in_this_order():
    effects = follow(opened(), "board:x")
    assert [type(effect) for effect in effects] == [Say, GoLive]
    assert said(effects)[0]["id"] == 2


def test_a_refused_subscribe_is_answered_and_does_not_use_up_a_place():
    session = opened()
    for _ in range(5):
        [frame] = said(follow(session, "board:x", DENIED))
        assert frame["error"] == {"code": 103, "message": "permission denied", "temporary": False}


def test_topics_are_limited_and_a_repeated_subscribe_is_not_another_topic():
    session = opened()
    for topic in ("a:1", "a:2", "a:3", "a:3"):
        follow(session, topic)
    [frame] = said(session.receive(subscribe("a:4"), 1.0))
    assert frame["error"]["code"] == ErrorCode.LIMIT_EXCEEDED
    session.receive('{"id":9,"unsubscribe":{"topic":"a:1"}}', 2.0)
    assert isinstance(session.receive(subscribe("a:4"), 2.0)[0], Load)


def test_a_connect_with_too_many_topics_is_closed():
    subs = {f"a:{number}": {} for number in range(4)}
    [bye] = Session(1, LIMITS, 0.0).receive(connect(subs=subs), 0.0)
    assert isinstance(bye, Bye)


def test_unsubscribe_and_presence_are_passed_on():
    session = opened()
    leave, answer = session.receive('{"id":3,"unsubscribe":{"topic":"a:1"}}', 0.0)
    assert leave == Leave("a:1")
    assert said([answer]) == [{"id": 3, "unsubscribe": {}}]
    assert session.receive('{"id":4,"presence":{"topic":"a:1"}}', 0.0) == [Attend(4, "a:1")]


def test_commands_above_the_rate_are_refused_for_a_while_then_the_client_is_closed():
    session = opened()
    frame = '{"id":4,"presence":{"topic":"a:1"}}'
    answers = [session.receive(frame, 0.0)[0] for _ in range(21)]
    assert answers[:10] == [Attend(4, "a:1")] * 10
    [refusal] = said([answers[10]])
    assert refusal["error"] == {"code": 111, "message": "too many commands", "temporary": True}
    assert isinstance(answers[20], Bye)


def test_the_rate_recovers_with_time():
    session = opened()
    for second in range(100):
        for _ in range(5):
            [effect] = session.receive('{"id":4,"presence":{"topic":"a:1"}}', float(second))
            assert isinstance(effect, Attend)


def test_pongs_do_not_count_as_commands():
    session = opened()
    assert [session.receive("{}", 0.0) for _ in range(1000)] == [[]] * 1000


@pytest.mark.parametrize("letter", ["x", "é", "\U0001f6a8"])
def test_a_frame_above_sixteen_kibibytes_is_too_big_in_any_script(letter):
    room = 16 * 1024 - len('{"x":""}')
    fits = '{"x":"' + letter * (room // len(letter.encode())) + '"}'
    [bye] = opened().receive(fits, 0.0)
    assert isinstance(bye, Bye)
    assert bye.code is CloseCode.BAD_REQUEST
    assert opened().receive(fits + letter, 0.0) == [Bye(CloseCode.TOO_BIG, "frame too big")]


def test_a_ping_comes_within_the_period_and_then_every_period():
    session = opened(serial=24)
    pings = []
    for second in range(101):
        if session.tick(float(second)):
            pings.append(second)
            session.receive("{}", second + 0.5)
    assert pings == [25, 50, 75, 100]


def test_first_pings_are_spread_over_the_period():
    firsts = set()
    for serial in range(25):
        session = opened(serial=serial)
        firsts.add(next(s for s in range(1, 26) if session.tick(float(s))))
    assert len(firsts) == 25


def test_a_dead_peer_is_found_within_thirty_five_seconds():
    session = opened()
    ends = next(s for s in range(100) if any(isinstance(e, Bye) for e in session.tick(float(s))))
    assert ends <= 35


def test_any_frame_counts_as_life():
    session = opened()
    session.tick(25.0)
    session.receive('{"id":4,"presence":{"topic":"a:1"}}', 26.0)
    assert session.tick(36.0) == []


def test_a_client_whose_command_is_being_carried_out_is_not_taken_for_dead():
    session = opened()
    session.tick(25.0)
    session = opened()
    [load] = session.receive(subscribe("a:1"), 24.0)
    assert isinstance(load, Load)
    session.tick(25.0)
    assert session.tick(40.0) == []
    session.loaded(load, [loaded("a:1")], 41.0)
    assert session.tick(42.0) == []


def test_an_admission_that_expires_sends_the_client_back_for_a_new_one():
    session = opened(expires_in_s=60)
    assert not any(isinstance(effect, Bye) for effect in session.tick(59.0))
    session.receive("{}", 59.0)
    assert session.tick(60.0) == [Bye(CloseCode.EXPIRED, "expired")]


def test_a_closed_session_does_nothing_more():
    session = opened()
    session.receive("nonsense", 0.0)
    assert session.receive(subscribe("a:1"), 0.0) == []
    assert session.tick(1000.0) == []


frames = st.sampled_from(
    [
        connect(),
        connect(subs={"a:1": {}}),
        subscribe("a:1"),
        subscribe("a:2"),
        '{"id":3,"unsubscribe":{"topic":"a:1"}}',
        '{"id":4,"presence":{"topic":"a:1"}}',
        "{}",
        "nonsense",
        None,
    ]
)


@given(st.lists(st.tuples(frames, st.floats(0, 30)), max_size=40), st.booleans())
def test_no_sequence_of_frames_and_pauses_breaks_the_machine(steps, may):
    session, now, over = Session(1, LIMITS, 0.0), 0.0, False
    for frame, pause in steps:
        now += pause
        pending = session.tick(now) + session.receive(frame, now)
        while pending:
            effect = pending.pop(0)
            assert not over, "an effect after the end"
            if isinstance(effect, Authenticate):
                pending += session.admitted(now, None)
            elif isinstance(effect, Load):
                outcomes = [loaded(topic) if may else DENIED for topic, _ in effect.wanted]
                pending += session.loaded(effect, outcomes, now)
            over = over or isinstance(effect, Bye)
