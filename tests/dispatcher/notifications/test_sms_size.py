"""How many SMS a text takes: the edges where one more sign costs one more message."""

import pytest

from dispatcher.notifications.sms_size import sms_size


@pytest.mark.parametrize(
    ("text", "encoding", "parts", "left"),
    [
        ("", "gsm7", 0, 160),
        ("é" * 160, "gsm7", 1, 0),
        ("a" * 161, "gsm7", 2, 145),
        ("a" * 306, "gsm7", 2, 0),
        ("€" * 80, "gsm7", 1, 0),
        # An escaped sign is never cut: the first part stays one septet short.
        ("a" * 152 + "€" + "a" * 10, "gsm7", 2, 141),
        ("ê" * 70, "ucs2", 1, 0),
        ("ê" * 71, "ucs2", 2, 63),
        # Nor is a pair of surrogates: 33 of them and no half one in a part.
        ("🚰" * 36, "ucs2", 2, 61),
    ],
)
def test_a_text_takes_so_many_parts(text: str, encoding: str, parts: int, left: int) -> None:
    size = sms_size(text)

    assert (size.encoding, size.parts, size.left) == (encoding, parts, left)


def test_the_signs_that_double_the_price_are_named_once_each() -> None:
    assert sms_size("L’œuvre de l’été, très fêtée").odd == "’œê"
