"""What may cross the border: strict inwards, stable outwards."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, ValidationError

from dispatcher.wire import In, Out, clean_text


class Message(In):
    """An inbound model of tests."""

    text: str = Field(min_length=1, max_length=10)
    size: float | None = None


class Parent(In):
    """An inbound model that holds another."""

    message: Message


class Answer(Out):
    """An outbound model of tests."""

    text: str


@pytest.mark.parametrize(
    "text", ["é", "日本", "🚰", "a\tb\nc\r", "‮abc", "\ufeff", "'; DROP TABLE", "{{7*7}}"]
)
def test_what_people_write_is_kept_verbatim(text: str) -> None:
    assert clean_text(text) == text


@pytest.mark.parametrize("text", ["a\x00b", "\x1b[31m", "\x7f", "\ud800", "x\udfff"])
def test_what_no_store_can_keep_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"U\+"):
        clean_text(text)
    with pytest.raises(ValidationError):
        Message(text=text)
    with pytest.raises(ValidationError):
        Parent.model_validate({"message": {"text": text}})


@given(st.text())
def test_a_text_that_passes_can_be_stored_anywhere(text: str) -> None:
    try:
        kept = clean_text(text)
    except ValueError:
        return
    assert "\x00" not in kept
    kept.encode("utf-8")


def test_unknown_fields_are_refused() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        Message.model_validate({"text": "a", "priority": "P1"})


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none_are_refused(number: str) -> None:
    with pytest.raises(ValidationError):
        Message.model_validate_json(f'{{"text": "a", "size": {number}}}')


def test_blank_around_a_text_does_not_count() -> None:
    assert Message(text="  a  ").text == "a"
    with pytest.raises(ValidationError):
        Message(text="   ")


def test_what_came_in_does_not_change() -> None:
    with pytest.raises(ValidationError):
        Message(text="a").text = "b"


def test_nothing_unplanned_goes_out() -> None:
    with pytest.raises(ValidationError):
        Answer.model_validate({"text": "a", "phone": "0600000000"})
