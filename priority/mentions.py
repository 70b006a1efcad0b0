"""How a commune is mentioned: as the place meant, a home, a direction, or in a signature.

Words around a name, nothing else; the module knows no names.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from priority.words import Token

_HOME = frozenset(
    {"habite", "habitant", "habitante", "domicilie", "domiciliee", "reside", "demeurant", "vis"}
    | {"originaire", "travaille", "viens", "venant", "vient", "rentre", "partant", "parti"}
)
_DIRECTION = frozenset(
    {"direction", "vers", "entre", "avant", "apres", "depuis", "limite", "km", "kms", "kilometres"}
    | {"voisine", "contrairement", "comme", "jusqu", "et", "ligne", "axe", "liaison", "trajet"}
)
_MEANT = frozenset({"commune", "cote", "hameau", "bourg", "village", "centre", "traversee"})
_CLOSING = frozenset(
    {"cordialement", "cdlt", "cdt", "salutations", "respectueusement", "sinceres", "bien", "merci"}
    | {"remerciements", "distinguees", "attente", "amicalement", "bonne", "tel", "tél"}
)
_LINKS = frozenset({"a", "de", "du", "d", "la", "le", "les", "l", "en", "sur", "je", "suis", "st"})
_REACH = 3
_HOME_SHARE, _DIRECTION_SHARE, _SIGNATURE_SHARE, _MEANT_SHARE = 0.4, 0.6, 0.35, 1.3


def share_of_mention(text: str, tokens: Sequence[Token], first: int) -> float:
    """Return by how much the way a name is mentioned makes it likelier (above 1) or less likely.

    Args:
        text: The text.
        tokens: Its words.
        first: Index of the first word of the name.
    """
    before = _words_before(tokens, first)
    if _is_signature(text, tokens, first):
        return _SIGNATURE_SHARE
    if before & _HOME or _is_origin(tokens, first):
        return _HOME_SHARE
    if before & _MEANT:
        return _MEANT_SHARE
    return _DIRECTION_SHARE if before & _DIRECTION else 1.0


def _is_origin(tokens: Sequence[Token], first: int) -> bool:
    """« je suis de Tulle » tells where somebody lives, « je suis à Tulle » where it happens."""
    return [one.folded for one in tokens[max(first - 2, 0) : first]] == ["suis", "de"]


def _words_before(tokens: Sequence[Token], first: int) -> AbstractSet[str]:
    """Words of the same clause shortly before, articles and prepositions not counted."""
    words: set[str] = set()
    for at in range(first - 1, -1, -1):
        if tokens[at + 1].opens or len(words) >= _REACH:
            break
        words.add(tokens[at].folded)
        if tokens[at].folded not in _LINKS:
            break
    return words


def _is_signature(text: str, tokens: Sequence[Token], first: int) -> bool:
    """Whether the name stands after the closing words of a letter, on a line of its own."""
    start = tokens[first].start
    line = text.rfind("\n", 0, start)
    if line < 0 or first < 4:
        return False
    closing = [
        token
        for token in tokens[:first]
        if token.folded in _CLOSING and token.start > start - 160 and token.end <= line
    ]
    return bool(closing)
