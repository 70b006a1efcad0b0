from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from priority.gazetteer import Gazetteer
from priority.interpretation import CategoryCandidate, DangerHint, Interpretation
from priority.linear import DANGER, DESK, LinearModel
from priority.reading import CategoryWords, DangerWords, Reader, ReadingRules, small_words_of
from tests.priority.library import catalogue, gazetteer, read, rules

PLACES = [
    "rue Carnot à Tulle",
    "D940 à Seilhac",
    "avenue Jean Jaurès, Brive",
    "au bourg de Treignac",
    "place de la Mairie à Saint-Privat",
]
EXAMPLES = [(one["code"], example) for one in catalogue() for example in one["examples"]]


def category(text: str) -> str | None:
    found = read(text).categories
    return found[0].code if found else None


def dangers(text: str) -> list[str]:
    return [hint.kind for hint in read(text).dangers]


def marked(text: str) -> list[tuple[str, str]]:
    return [(span.kind, text[span.start : span.end]) for span in read(text).spans]


def test_one_line_gives_category_place_and_danger() -> None:
    text = "fuite rue Carnot à Tulle, eau partout"

    found = read(text)

    assert found.categories[0].code == "water_leak_road"
    assert found.categories[0].confidence > 0.5
    assert found.places[0].label == "Rue Carnot, Tulle"
    assert [(one.kind, one.word) for one in found.dangers] == [("flooding", "eau partout")]
    assert marked(text) == [
        ("category", "fuite"),
        ("place", "rue Carnot à Tulle"),
        ("danger", "eau partout"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Fuite rue Carnot à Tulle, eau partout",
        "FUITE RUE CARNOT A TULLE EAU PARTOUT",
        "fuite rue carnot tulle eau partout",
        "fiute rue Carnot à Tulle, l’eau coule partout",
        "Fuites d'eau rue Carnot, Tulle: eau partuot",
    ],
)
def test_case_accents_apostrophes_and_slips_do_not_matter(text: str) -> None:
    found = read(text)

    assert found.categories[0].code == "water_leak_road"
    assert found.places[0].commune is not None
    assert found.places[0].commune.name == "Tulle"
    assert [one.kind for one in found.dangers] == ["flooding"]


@pytest.mark.parametrize(("code", "example"), EXAMPLES)
def test_every_example_of_the_catalogue_is_read_as_its_category(code: str, example: str) -> None:
    for where in PLACES:
        text = example.replace("{place}", where)

        assert category(text) == code, text
        assert read(text).places[0].commune is not None, text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nid de poule", "pothole"),
        ("Nid-de-poule", "pothole"),
        ("feux rouges en panne", "traffic_lights"),
        ("lampadiare éteint", "lamp_out"),
        ("panneu couché", "road_sign"),
        ("rue de la Fontaine à Tulle, lampadaire éteint", "lamp_out"),
        ("fuite au compteur", "water_leak_service"),
        ("plus d'eau", "water_outage"),
        ("plus d'éclairage", "street_dark"),
        ("plus de chauffage", "building_heating"),
    ],
)
def test_the_longer_phrase_decides(text: str, expected: str) -> None:
    assert category(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("un enfant blessé", ["life"]),
        ("une personne est coincée", ["life"]),
        ("aucun blessé", []),
        ("pas de blessé", []),
        ("il n'y a pas de blessé mais route bloquée", ["obstruction"]),
        ("pas d'étincelles, fumée", ["fire"]),
        ("sans danger", []),
        ("aucun enfant petit et fragile blessé", ["life"]),  # too far to deny it
        ("il ne respire plus", ["life"]),
        ("chevreuil mort", []),
        ("odeur de gaz et cave inondée", ["gas", "home_flooded", "flooding"]),
        ("l'eau entre dans la maison", ["home_flooded"]),
    ],
)
def test_dangers_are_heard_unless_they_are_denied(text: str, expected: list[str]) -> None:
    assert dangers(text) == expected


def test_a_danger_becomes_a_fact_with_its_words() -> None:
    (hint,) = read("ça commence à geler").dangers

    assert (hint.fact().kind, hint.fact().word) == ("ice", "geler")


def test_a_text_that_says_nothing_is_read_as_nothing() -> None:
    for text in ("", "bonjour", "???", "12", "\x00"):
        found = read(text)
        assert (found.categories, found.places, found.dangers, found.spans) == ((), (), (), ())


def test_a_phrase_said_twice_counts_once() -> None:
    once, twice = read("fuite").categories[0], read("fuite, fuite, fuite").categories[0]

    assert once == twice


def test_confidences_leave_room_for_something_else() -> None:
    found = read("fuite au compteur, plus d'eau, lampadaire éteint, arbre tombé").categories

    assert 1 < len(found) <= 5
    assert sum(one.confidence for one in found) < 1.0
    assert [one.confidence for one in found] == sorted(
        (one.confidence for one in found), reverse=True
    )


def test_on_equal_evidence_the_first_of_the_catalogue_wins() -> None:
    twins = ReadingRules(
        categories=(CategoryWords("first", ("fuite",)), CategoryWords("second", ("fuite",))),
        dangers=(DangerWords("ice", ("verglas",)),),
    )

    found = Reader(twins, Gazetteer((), ())).read("fuite").categories

    assert [one.code for one in found] == ["first", "second"]


@given(st.text(max_size=300))
@settings(max_examples=150)
def test_any_text_is_read_without_harm(text: str) -> None:
    found = read(text)

    assert all(0.0 < one.confidence < 1.0 for one in found.categories)
    assert all(text[one.start : one.end] == one.word for one in found.dangers)
    edges = [edge for span in found.spans for edge in (span.start, span.end)]
    assert edges == sorted(edges)
    assert all(0 <= edge <= len(text) for edge in edges)


WORDS = ["fuite", "eau", "rue", "Carnot", "à", "Tulle", ",", "partout", "pas", "de", "blessé", "14"]


@given(st.lists(st.sampled_from(WORDS), max_size=25))
@settings(max_examples=150)
def test_any_order_of_its_own_words_is_read_without_harm(words: list[str]) -> None:
    text = " ".join(words)

    spans = read(text).spans

    assert all(one.end <= other.start for one, other in pairwise(spans))


def test_the_small_words_of_a_vocabulary_are_folded() -> None:
    assert "tres" in small_words_of(rules())
    assert gazetteer().street_words


@pytest.mark.parametrize(
    "text",
    [
        "bac à sel vide",
        "borne incendie qui goutte",
        "feux tricolores en panne",
        "plaque qui claque la nuit",
        "déchets jetés dans le bois",
        "feu d'artifice annulé",
        "les toilettes ne s'évacuent plus",
        "fumier sur la chaussée",
    ],
)
def test_ordinary_words_tell_no_danger(text: str) -> None:
    assert dangers(text) == []


@pytest.mark.parametrize(("category", "kind"), [("pothole", "people_exposed"), ("other", "life")])
def test_a_danger_without_a_word_is_to_life_when_no_service_explains_it(
    category: str, kind: str
) -> None:
    found = Interpretation((CategoryCandidate(category, 0.9),), (), (), (), danger=0.9)

    assert [fact.kind for fact in found.danger_facts()] == [kind]


@pytest.mark.parametrize(
    ("told", "kinds"),
    [("electric_shock", ["electric_shock", "life"]), ("fire", ["fire"]), ("life", ["life"])],
)
def test_a_danger_told_that_no_service_explains_is_to_life_too(told: str, kinds: list[str]) -> None:
    hint = DangerHint(told, "mot", 0, 3)
    found = Interpretation((CategoryCandidate("other", 0.9),), (), (hint,), (), danger=0.9)

    assert [fact.kind for fact in found.danger_facts()] == kinds


@pytest.mark.parametrize(("danger", "kinds"), [(0.3, []), (0.6, ["ice"])])
def test_ice_that_is_only_foretold_is_no_danger_yet(danger: float, kinds: list[str]) -> None:
    hint = DangerHint("ice", "verglas", 0, 7)
    found = Interpretation((CategoryCandidate("black_ice", 0.9),), (), (hint,), (), danger=danger)

    assert [fact.kind for fact in found.danger_facts()] == kinds


def test_words_of_danger_are_shown_and_the_whole_text_decides() -> None:
    model = LinearModel(("pothole", DANGER, DESK), (0.0, -1.0, -3.0), {})

    found = Reader(rules(), gazetteer(), model).read("rien de dangereux rue Carnot à Tulle")

    assert [one.kind for one in found.dangers] == ["fall"]
    assert found.danger == pytest.approx(0.27, abs=0.01)
    assert not found.is_danger
