import pytest

from priority.negation import is_denied
from priority.words import tokens_of

NEGATIONS = frozenset({"pas", "aucun", "aucune", "sans", "ni", "jamais"})
SMALL = frozenset({"de", "d", "le", "la", "un", "une", "n", "est", "a", "y"})


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        ("pas de blessé", "blesse", True),
        ("plus personne de blessé", "blesse", True),
        ("personne n'est blessé", "blesse", True),
        ("une personne blessée", "blessee", False),
        ("plus de fumée", "fumee", True),
        ("de plus en plus de fumée", "fumee", False),
        ("encore plus de fumée", "fumee", False),
        ("c'est plus dangereux qu'hier", "dangereux", False),
        ("pas de fuite, mais fumée", "fumee", False),
        ("pas de fuite mais fumée", "fumee", False),
        ("aucun dégât sur le toit, tuile au sol", "tuile", False),
        ("fumée", "fumee", False),
    ],
)
def test_a_denial_reaches_what_follows_in_its_clause(text: str, word: str, expected: bool) -> None:
    tokens = tokens_of(text)
    at = next(i for i, token in enumerate(tokens) if token.folded == word)

    assert is_denied(tokens, at, NEGATIONS, SMALL) is expected
