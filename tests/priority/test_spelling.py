import pytest
from hypothesis import given
from hypothesis import strategies as st

from priority.spelling import sound_of, written_out


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("cratere", "kratere"),
        ("electrique", "elektrik"),
        ("poteau", "poto"),
        ("quai", "kai"),
        ("fuites", "fuite"),
        ("phare", "fare"),
    ],
)
def test_words_that_sound_alike_share_a_key(left: str, right: str) -> None:
    assert sound_of(left) == sound_of(right)


@pytest.mark.parametrize(("left", "right"), [("chaussee", "chose"), ("fuite", "suite")])
def test_words_that_sound_different_do_not(left: str, right: str) -> None:
    assert sound_of(left) != sound_of(right)


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=30))
def test_any_word_has_a_key(word: str) -> None:
    assert sound_of(word)
    assert written_out(word)
