import json
from pathlib import Path

import pytest

from priority.linear import LinearModel, concepts_of, features
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


@pytest.mark.parametrize("text", ["éclairaje", "leclairage", "l'éclairage"])
def test_a_concept_is_known_by_its_sound_and_behind_a_glued_article(text: str) -> None:
    assert seen(text) == {"%light"}


@pytest.mark.parametrize(
    "change",
    [
        {"labels": None},
        {"bias": [0.0]},
        {"weights": {"a": [9, 1.0]}},
        {"concepts": ["tree"]},
        {"concepts": {"tree": "chene"}},
    ],
)
def test_what_is_no_model_is_refused(change: dict[str, object]) -> None:
    good = {"labels": ["a", "b"], "bias": [0.0, 0.0], "weights": {"x": [0, 1.0]}}

    assert LinearModel.from_document(good).concepts == {}
    with pytest.raises(ValueError, match=r"model|bias|label"):
        LinearModel.from_document({**good, **change})


def test_the_artefact_knows_the_concepts_of_the_file() -> None:
    fixtures = Path(__file__).parents[2] / "fixtures"
    document = json.loads((fixtures / "reading-model.json").read_text(encoding="utf-8"))
    written = (fixtures / "messages" / "concepts.txt").read_text(encoding="utf-8")

    assert set(document["concepts"]) == {
        row.strip("[]") for row in written.splitlines() if row.startswith("[")
    }
