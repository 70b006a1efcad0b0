import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from priority.words import PhraseBook, Vocabulary, fold, is_one_slip, stem, tokens_of

SMALL = {"l", "de", "d", "le", "la", "un", "est", "a"}


def book(*phrases: str) -> PhraseBook[str]:
    return PhraseBook({phrase: [phrase] for phrase in phrases}, SMALL)


def found(text: str, *phrases: str) -> list[str]:
    return [one.payload for one in book(*phrases).find(tokens_of(text))]


@given(st.text())
def test_every_token_is_where_it_says(text: str) -> None:
    tokens = tokens_of(text)

    for token in tokens:
        assert fold(text[token.start : token.end]) == token.folded
    ends = [edge for token in tokens for edge in (token.start, token.end)]
    assert ends == sorted(ends)


@given(st.text(alphabet="aàâeéèêëiîïoôuùûücç œæ'’-", max_size=40))
def test_composed_and_decomposed_accents_read_alike(text: str) -> None:
    decomposed = unicodedata.normalize("NFD", text)

    assert [one.folded for one in tokens_of(text)] == [one.folded for one in tokens_of(decomposed)]


def test_apostrophes_of_both_kinds_part_words() -> None:
    assert [one.folded for one in tokens_of("L'eau d’Ussel")] == ["l", "eau", "d", "ussel"]


def test_a_hyphen_ties_and_punctuation_opens() -> None:
    nid, de, poule, ici = tokens_of("Nid-de poule, ici")

    assert [one.is_tied for one in (nid, de, poule, ici)] == [False, True, False, False]
    assert [one.opens for one in (nid, de, poule, ici)] == [True, False, False, True]


def test_capitals_mean_nothing_in_a_text_of_capitals() -> None:
    assert tokens_of("Tulle")[0].is_capital
    assert not any(one.is_capital for one in tokens_of("FUITE A TULLE"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("fuite", "fuites"),
        ("casse", "cassees"),
        ("geler", "gelee"),
        ("eau", "eaux"),
        ("bloque", "bloquees"),
        ("inonde", "inonder"),
    ],
)
def test_forms_of_a_word_share_a_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


@pytest.mark.parametrize(("one", "other"), [("rue", "roue"), ("mur", "mer")])
def test_short_words_stay_apart(one: str, other: str) -> None:
    assert stem(one) != stem(other)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("fuite", "fuite", False),
        ("fuite", "fiute", True),
        ("fuite", "fuiite", True),
        ("fuite", "fute", True),
        ("fuite", "fuise", True),
        ("fuite", "suise", False),
        ("fuite", "fu", False),
        ("ab", "ba", True),
        ("abcd", "badc", False),
    ],
)
def test_one_slip_is_an_insertion_a_loss_a_change_or_a_swap(
    left: str, right: str, expected: bool
) -> None:
    assert is_one_slip(left, right) is expected
    assert is_one_slip(right, left) is expected


def test_a_vocabulary_forgives_one_slip_but_not_on_the_first_letter() -> None:
    known = Vocabulary({"fuite", "arbre"})

    assert "fuite" in known
    assert known.nearest("fuitte") == "fuite"
    assert known.nearest("suite") is None
    assert known.nearest("zzz") is None


def test_a_phrase_is_found_through_small_words_and_one_foreign_word() -> None:
    assert found("l'eau coule partout", "eau partout") == ["eau partout"]
    assert found("fuite de l'eau", "fuite d'eau") == ["fuite d'eau"]
    assert found("l'eau coule vraiment partout", "eau partout") == []


def test_a_phrase_is_found_in_its_order_only() -> None:
    assert found("partout de l'eau", "eau partout") == []


def test_short_words_are_not_forgiven_a_slip() -> None:
    assert found("la roue", "rue") == []
    assert found("une grossse fuitte", "fuite") == ["fuite"]


def test_what_was_found_tells_how_well() -> None:
    (tight,) = book("eau partout").find(tokens_of("eau partout"))
    (loose,) = book("eau partout").find(tokens_of("eau vraiment partout"))
    (broken,) = book("eau partout").find(tokens_of("eau, partout"))
    (slip,) = book("eau partout").find(tokens_of("eau partuot"))

    assert (tight.is_tight, tight.is_exact, tight.path) == (True, True, (0, 1))
    assert (loose.is_tight, loose.path) == (False, (0, 2))
    assert not broken.is_tight
    assert (slip.is_exact, slip.is_tight) == (False, True)


def test_a_phrase_may_stand_for_several_things() -> None:
    shared = PhraseBook({"eau": ["leak", "outage"]}, SMALL)

    assert [one.payload for one in shared.find(tokens_of("eau"))] == ["leak", "outage"]


def test_a_phrase_of_small_words_only_is_refused() -> None:
    with pytest.raises(ValueError, match="no word that counts"):
        book("de la")


def test_a_word_longer_than_all_is_not_searched_letter_by_letter() -> None:
    vocabulary = Vocabulary({"fuite", "verglas"})

    assert vocabulary.nearest("verglass") == "verglas"
    searched = vocabulary._near.cache_info().currsize
    assert vocabulary.nearest("v" * 5000) is None
    assert vocabulary._near.cache_info().currsize == searched
