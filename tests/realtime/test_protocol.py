"""What a client may say is read strictly; what the server says is compact and valid."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.protocol import (
    CloseCode,
    Command,
    Connect,
    ErrorCode,
    FrameError,
    Item,
    Pong,
    Position,
    Presence,
    Publication,
    Subscribe,
    Subscribed,
    Unsubscribe,
    disconnect_push,
    encode,
    error_body,
    parse,
    publication_body,
    reply,
    resync_push,
    snapshot_body,
)

MALFORMED = [
    "",
    " ",
    "null",
    "[]",
    "1",
    '"connect"',
    "{",
    '{"id":1}',
    '{"id":0,"subscribe":{"topic":"a:b"}}',
    '{"id":-1,"subscribe":{"topic":"a:b"}}',
    '{"id":true,"subscribe":{"topic":"a:b"}}',
    '{"id":1.5,"subscribe":{"topic":"a:b"}}',
    '{"id":99999999999,"subscribe":{"topic":"a:b"}}',
    '{"subscribe":{"topic":"a:b"}}',
    '{"id":1,"publish":{"topic":"a:b"}}',
    '{"id":1,"subscribe":{"topic":"a:b"},"unsubscribe":{"topic":"a:b"}}',
    '{"id":1,"subscribe":[]}',
    '{"id":1,"subscribe":{}}',
    '{"id":1,"subscribe":{"topic":"board"}}',
    '{"id":1,"subscribe":{"topic":"Board:x"}}',
    '{"id":1,"subscribe":{"topic":"board:x\\n"}}',
    '{"id":1,"subscribe":{"topic":"board:\\ud800"}}',
    '{"id":1,"subscribe":{"topic":"board:' + "x" * 129 + '"}}',
    '{"id":1,"subscribe":{"topic":"a:b","epoch":"k"}}',
    '{"id":1,"subscribe":{"topic":"a:b","offset":1}}',
    '{"id":1,"subscribe":{"topic":"a:b","epoch":"k","offset":-1}}',
    '{"id":1,"subscribe":{"topic":"a:b","epoch":"k","offset":NaN}}',
    '{"id":1,"subscribe":{"topic":"a:b","epoch":"k","offset":' + "9" * 5000 + "}}",
    '{"id":1,"subscribe":{"topic":"a:b","epoch":7,"offset":1}}',
    '{"id":1,"connect":{}}',
    '{"id":1,"connect":{"v":2}}',
    '{"id":1,"connect":{"v":1,"token":""}}',
    '{"id":1,"connect":{"v":1,"token":"with space"}}',
    '{"id":1,"connect":{"v":1,"subs":[]}}',
    '{"id":1,"connect":{"v":1,"subs":{"nonsense":{}}}}',
    '{"id":1,"connect":{"v":1,"subs":{"a:b":5}}}',
    '{"id":1,"connect":{"v":1,"name":"<script>"}}',
    "[" * 16_000,
    '{"a":' * 3_000,
]


@pytest.mark.parametrize("text", MALFORMED)
def test_a_malformed_frame_is_refused_with_a_reason_that_does_not_quote_it(text):
    with pytest.raises(FrameError) as refusal:
        parse(text)
    assert refusal.value.close is CloseCode.BAD_REQUEST
    assert len(refusal.value.reason) < 60


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("{}", Pong()),
        (' { "id" : 7, "presence": {"topic": "incident:42"} } ', Presence(7, "incident:42")),
        (
            '{"id":7,"presence":{"topic":"board:cd19","at":"incident:42"}}',
            Presence(7, "board:cd19", "incident:42"),
        ),
        ('{"id":2,"unsubscribe":{"topic":"crew:7"}}', Unsubscribe(2, "crew:7")),
        ('{"id":2,"subscribe":{"topic":"crew:7"}}', Subscribe(2, "crew:7", None)),
        (
            '{"id":2,"subscribe":{"topic":"crew:7","epoch":"k3Qz","offset":812}}',
            Subscribe(2, "crew:7", Position("k3Qz", 812)),
        ),
        (
            '{"id":1,"connect":{"v":1,"token":"t","name":"board",'
            '"subs":{"board:cd19":{"epoch":"k","offset":0},"crew:7":{}}}}',
            Connect(1, "t", "board", (("board:cd19", Position("k", 0)), ("crew:7", None))),
        ),
        ('{"id":1,"connect":{"v":1}}', Connect(1, None, "", ())),
    ],
)
def test_a_well_formed_frame_is_one_command(text, command: Command):
    assert parse(text) == command


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
words = st.sampled_from(["id", "connect", "subscribe", "unsubscribe", "presence", "topic", "v"])
nearly_right = st.dictionaries(words, json_values | st.dictionaries(words, json_values), max_size=4)


@given(st.text() | json_values.map(json.dumps) | nearly_right.map(json.dumps))
def test_whatever_arrives_is_a_command_or_a_refusal(text):
    try:
        command = parse(text)
    except FrameError:
        return
    assert isinstance(command, Pong | Connect | Subscribe | Unsubscribe | Presence)


@given(st.text())
def test_every_string_can_be_said(text):
    assert json.loads(encode({"x": text}).decode()) is not None


def test_a_publication_of_several_keys_is_one_body():
    publication = Publication(
        9, "e9", "visit.moved", "visit:1", 3, "2026-11-22T08:00:00Z", {"state": "en_route"},
        also=(Item("crew:7", 12, {"state": "en_route"}), Item("proposal:2", 4, None)),
    )  # fmt: skip
    assert json.loads(publication_body(publication, prev=5)) == {
        "offset": 9,
        "prev": 5,
        "id": "e9",
        "type": "visit.moved",
        "key": "visit:1",
        "ver": 3,
        "at": "2026-11-22T08:00:00Z",
        "data": {"state": "en_route"},
        "also": [
            {"key": "crew:7", "ver": 12, "data": {"state": "en_route"}},
            {"key": "proposal:2", "ver": 4, "data": None},
        ],
    }


def test_the_first_answer_says_whether_it_is_what_was_missed_or_a_snapshot():
    here = Position("k", 9)
    missed = Subscribed("a:b", here, was_recovering=True, recovered=True, items=b"[]")
    snapshot = Subscribed("a:b", here, True, False, snapshot_body([Item("x", 1, {"n": 1})]))
    assert json.loads(missed.body())["publications"] == []
    assert json.loads(snapshot.body()) == {
        "topic": "a:b",
        "epoch": "k",
        "offset": 9,
        "was_recovering": True,
        "recovered": False,
        "snapshot": [{"key": "x", "ver": 1, "data": {"n": 1}}],
    }


def test_pushes_and_replies_have_the_documented_shape():
    assert json.loads(resync_push("a:b", "slow", Position("k", 9))) == {
        "topic": "a:b",
        "resync": {"reason": "slow", "epoch": "k", "offset": 9},
    }
    assert json.loads(disconnect_push(CloseCode.SHUTDOWN, "shutdown", 8000)) == {
        "disconnect": {"code": 3001, "reason": "shutdown", "reconnect": True, "within_ms": 8000}
    }
    refusal = error_body(ErrorCode.PERMISSION_DENIED, "permission denied")
    assert json.loads(reply(2, "error", refusal)) == {
        "id": 2,
        "error": {"code": 103, "message": "permission denied", "temporary": False},
    }


def test_close_codes_tell_the_client_whether_to_come_back():
    come_back = {code for code in CloseCode if code.reconnect}
    assert come_back == {
        CloseCode.RESTART,
        CloseCode.SHUTDOWN,
        CloseCode.EXPIRED,
        CloseCode.SLOW,
        CloseCode.NO_PONG,
    }
