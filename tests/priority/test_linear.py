import json
from pathlib import Path

import pytest

from priority.linear import LinearModel, concepts_of, features, packed
from priority.words import tokens_of

CONCEPTS = concepts_of(
    {"tree": ["chene", "saule"], "fall": ["tombe", "couche"], "light": ["eclairage"]}
)


def seen(text: str) -> set[str]:
    return {one for one in features(tokens_of(text), CONCEPTS) if "%" in one}


def test_a_word_is_worth_what_its_concept_is_worth() -> None:
    assert seen("un chêne") == seen("des saules") == {"%tree"}


def test_concepts_make_pairs_in_any_order_when_they_stand_near() -> None:
    assert seen("un saule est tombé") == {"%tree", "%fall", "%fall tree"}
    assert seen("tombé, le chêne") == {"%tree", "%fall", "%fall tree"}
    assert "%fall tree" not in seen("chêne" + " bien" * 9 + " tombé")


def test_a_concept_that_is_denied_is_another_feature() -> None:
    assert seen("pas tombé") == {"-%fall"}


TEXTS = ("", "12", "l'arbre, l'arbre est tombé sur la rue", "pas de lumière ds la rue", "a" * 90)


@pytest.mark.parametrize("text", TEXTS)
def test_evidence_is_the_sum_over_features_by_the_root_of_their_number(text: str) -> None:
    tokens = tokens_of(text)
    seen_in_all = sorted({one for other in TEXTS for one in features(tokens_of(other), CONCEPTS)})
    weights = {one: ((0, float(len(one))), (1, -1.0)) for one in seen_in_all[::2]}
    model = LinearModel(("danger", "desk"), (0.25, -2.0), weights, CONCEPTS)
    found = features(tokens, CONCEPTS)
    told = sum(len(one) for one in found if one in weights)
    scale = 1 / max(len(found), 1) ** 0.5

    for _ in range(2):  # once worked out, once remembered
        said = model.logits(tokens)
        assert said["danger"] == pytest.approx(0.25 + scale * told)
        assert said["desk"] == pytest.approx(-2 - scale * sum(one in weights for one in found))


@pytest.mark.parametrize("text", ["éclairaje", "leclairage", "l'éclairage"])
def test_a_concept_is_known_by_its_sound_and_behind_a_glued_article(text: str) -> None:
    assert seen(text) == {"%light"}


@pytest.mark.parametrize(
    "change",
    [
        {"labels": None},
        {"bias": [0.0]},
        {"weights": {"a": [9, 1.0]}},
        {"weights": {"a": "!"}},
        {"weights": {"a": "!\u00e9"}},
        {"weights": {"a": 3}},
        {"concepts": ["tree"]},
        {"concepts": {"tree": "chene"}},
    ],
)
def test_what_is_no_model_is_refused(change: dict[str, object]) -> None:
    good = {"labels": ["a", "b"], "bias": [0.0, 0.0], "weights": {"x": [0, 1.0]}}

    assert LinearModel.from_document(good).concepts == {}
    with pytest.raises(ValueError, match=r"model|bias|label"):
        LinearModel.from_document({**good, **change})


def test_rows_are_the_same_in_signs_and_in_numbers() -> None:
    row = [(0, 4.6), (1, -4.5), (57, 0.1)]
    document = {"labels": [str(at) for at in range(58)], "bias": [0.0] * 58}
    numbers = [value for pair in row for value in pair]

    assert packed([(0, 4.7)]) == [0, 4.7]
    assert isinstance(packed(row), str)
    assert (
        LinearModel.from_document({**document, "weights": {"x": packed(row)}}).weights
        == LinearModel.from_document({**document, "weights": {"x": numbers}}).weights
        == {"x": tuple(row)}
    )


def test_the_artefact_knows_the_concepts_of_the_file() -> None:
    fixtures = Path(__file__).parents[2] / "fixtures"
    document = json.loads((fixtures / "reading-model.json").read_text(encoding="utf-8"))
    written = (fixtures / "messages" / "concepts.txt").read_text(encoding="utf-8")

    assert set(document["concepts"]) == {
        row.strip("[]") for row in written.splitlines() if row.startswith("[")
    }
