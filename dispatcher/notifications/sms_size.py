"""How many SMS a text takes: the GSM 7-bit alphabet if it holds every sign, else UCS-2.

Source: 3GPP TS 23.038 v17, 6.2.1 (default alphabet and its extension table) and TS 23.040 v17,
9.2.3.24.1 (six octets of header when a message has several parts).
"""

from dataclasses import dataclass
from typing import Final, Literal

_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED: Final = frozenset("\f^{}\\[~]|€")
"""Two septets each: an escape and the sign, which never stand in two parts."""


@dataclass(frozen=True, slots=True)
class SmsSize:
    """What a text takes.

    Attributes:
        encoding: `gsm7` or `ucs2`.
        units: Septets, or 16-bit code units.
        parts: Messages to pay for; 0 for no text.
        left: Units that still fit into the last part.
        odd: The signs, in order and once each, that forced `ucs2`.
    """

    encoding: Literal["gsm7", "ucs2"]
    units: int
    parts: int
    left: int
    odd: str


def sms_size(text: str) -> SmsSize:
    """Return how many SMS a text takes.

    >>> sms_size("Fuite réparée à Tulle.").parts, sms_size("a" * 161).parts
    (1, 2)
    >>> sms_size("C’est réparé.").odd
    '’'
    """
    odd = "".join(dict.fromkeys(c for c in text if c not in _BASIC and c not in _EXTENDED))
    if odd:
        # A sign beyond the basic plane is a pair of surrogates, which must stay together.
        sizes = [len(sign.encode("utf-16-le")) // 2 for sign in text]
        return _packed("ucs2", sizes, alone=70, joined=67, odd=odd)
    sizes = [2 if sign in _EXTENDED else 1 for sign in text]
    return _packed("gsm7", sizes, alone=160, joined=153, odd="")


def _packed(
    encoding: Literal["gsm7", "ucs2"], sizes: list[int], *, alone: int, joined: int, odd: str
) -> SmsSize:
    units = sum(sizes)
    if units <= alone:
        return SmsSize(encoding, units, int(units > 0), alone - units, odd)
    parts, filled = 1, 0
    for size in sizes:
        if filled + size > joined:
            parts, filled = parts + 1, 0
        filled += size
    return SmsSize(encoding, units, parts, joined - filled, odd)
