"""Which words of a message are denied: « pas de blessé », « plus personne de coincé ».

A negation reaches a few words to its right and never past its clause. The module knows the grammar
of French denial, and no dangers.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from priority.words import Token

_REACH = 2
"""A negation denies what begins at most so many words that count later, in the same clause."""
_CLAUSE_WORDS = frozenset({"mais", "et", "car", "donc", "puis"})
_AFTER_PLUS = frozenset({"de", "d", "personne", "aucun", "aucune", "rien"})
_BEFORE_NOBODY = frozenset({"n", "ne", "de", "d", "est", "bless"})
_ONE_PERSON = frozenset(
    {"une", "la", "cette", "autre", "jeune", "chaque", "aux", "par", "d", "1", "seule"}
)


def is_denied(
    tokens: Sequence[Token], first: int, negations: AbstractSet[str], small_words: AbstractSet[str]
) -> bool:
    """Tell whether a negation before it in the same clause denies what begins at a word.

    Args:
        tokens: Words of a text.
        first: Index of the word.
        negations: Folded words that always deny.
        small_words: Folded words that do not count.
    """
    reach = _REACH
    for at in range(first, 0, -1):
        before = tokens[at - 1]
        if tokens[at].opens or before.folded in _CLAUSE_WORDS or reach <= 0:
            return False
        if before.folded in negations or _is_no_more(tokens, at - 1) or _is_nobody(tokens, at - 1):
            return True
        reach -= before.folded not in small_words
    return False


def _is_no_more(tokens: Sequence[Token], at: int) -> bool:
    """« plus de fumée » denies, « de plus en plus de fumée » and « plus dangereux » do not."""
    if tokens[at].folded != "plus" or at + 1 >= len(tokens):
        return False
    is_growing = at > 0 and tokens[at - 1].folded in {"en", "un", "encore", "toujours", "beaucoup"}
    return tokens[at + 1].folded in _AFTER_PLUS and not is_growing


def _is_nobody(tokens: Sequence[Token], at: int) -> bool:
    """« personne n'est blessé » denies, « une personne blessée » does not."""
    if tokens[at].folded != "personne" or at + 1 >= len(tokens):
        return False
    is_somebody = at > 0 and not tokens[at].opens and tokens[at - 1].folded in _ONE_PERSON
    return tokens[at + 1].folded in _BEFORE_NOBODY and not is_somebody
