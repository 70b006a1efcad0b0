"""What is kept of a file: the picture, nothing else; and what is refused before decoding."""

import io

import pytest
from PIL import Image

from dispatcher.attachments.media import MOST_PIXELS, clean, sniff
from dispatcher.errors import CpoError, InvalidInput, TooLarge, UnsupportedMedia
from tests.support.pictures import bomb, photo, signature, voice, webp_bomb


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_loses_its_place_camera_and_comment(kind: str) -> None:
    raw = photo(kind=kind)
    assert b"Camera of somebody" in raw

    kept = clean(raw, "photo")

    assert kept.media_type == "image/jpeg"
    for data in (kept.data, kept.small or b""):
        image = opened(data)
        assert dict(image.getexif()) == {}
        assert not {"exif", "comment", "xmp", "icc_profile"} & set(image.info)
        assert b"Camera of somebody" not in data
        assert b"taken at home" not in data


def test_a_large_photo_is_made_smaller_and_keeps_its_shape() -> None:
    kept = clean(photo((4000, 3000)), "photo")

    assert (kept.width, kept.height) == (1600, 1200) == opened(kept.data).size
    assert opened(kept.small or b"").size == (320, 240)


def test_a_small_photo_is_not_blown_up() -> None:
    kept = clean(photo((640, 480)), "photo")
    assert (kept.width, kept.height) == (640, 480)


def test_a_photo_taken_upright_is_shown_upright() -> None:
    kept = clean(photo((1200, 900), turned=True), "photo")

    assert (kept.width, kept.height) == (900, 1200)
    # Orientation 6: the first row of the sensor is the right side of the picture.
    red = opened(kept.data).getpixel((890, 10))
    assert isinstance(red, tuple)
    assert red[0] > 200


def test_what_is_transparent_becomes_white() -> None:
    kept = clean(signature(), "signature")

    image = opened(kept.data)
    assert kept.media_type == "image/png"
    assert image.getpixel((5, 5)) == 255
    assert image.getpixel((100, 65)) < 40


@pytest.mark.parametrize("forged", [bomb(), webp_bomb()], ids=["png", "webp"])
def test_too_many_pixels_are_refused_by_the_header(
    forged: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", never)

    with pytest.raises(TooLarge):
        clean(forged, "photo")


def test_the_limit_lets_a_good_camera_through() -> None:
    assert MOST_PIXELS >= 50_000_000


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "photo"),
        (b"GIF89a" + b"\0" * 50, "photo"),
        (b"%PDF-1.7", "photo"),
        (b"<!doctype html><script>", "audio"),
        (voice(), "photo"),
        (photo((20, 20)), "signature"),
        (photo((20, 20)), "audio"),
    ],
)
def test_another_type_is_refused_whatever_it_calls_itself(data: bytes, kind: str) -> None:
    with pytest.raises(UnsupportedMedia):
        clean(data, kind)  # type: ignore[arg-type]


@pytest.mark.parametrize("cut", [3, 20, 200, 2000])
def test_a_photo_cut_short_is_refused_in_words(cut: int) -> None:
    with pytest.raises(CpoError) as refused:
        clean(photo()[:cut], "photo")
    assert isinstance(refused.value, InvalidInput)


def test_what_hides_behind_a_picture_is_gone() -> None:
    kept = clean(photo() + b"<script>alert(1)</script>", "photo")
    assert b"<script>" not in kept.data


@pytest.mark.parametrize(
    ("start", "media"),
    [
        (b"\x1a\x45\xdf\xa3", "audio/webm"),
        (b"OggS", "audio/ogg"),
        (b"\0\0\0\x20ftypM4A ", "audio/mp4"),
        (b"\0\0\0\x20ftypiso5", "audio/mp4"),
        (b"\0\0\0\x20ftypheic", None),
        (b"", None),
    ],
)
def test_sound_is_known_by_its_first_bytes(start: bytes, media: str | None) -> None:
    assert sniff(start + b"\0" * 30 if start else b"") == media
