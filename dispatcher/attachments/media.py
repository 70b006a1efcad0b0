"""What a file is by its first bytes, and pictures drawn anew so that nothing else survives in them.

A name or a Content-Type proves nothing. A photo is decoded and encoded again: place, camera,
comments and whatever hid behind the picture are gone. Its size in pixels is read from the header
and judged before anything is decoded.
"""

import io
from dataclasses import dataclass
from typing import Final, Literal

from PIL import Image, ImageOps

from dispatcher.errors import InvalidInput, TooLarge, UnsupportedMedia

Kind = Literal["photo", "audio", "signature"]

MOST_PIXELS: Final = 60_000_000
"""Larger than any telephone's camera makes by default; decoded it takes 180 MB for a moment."""
SIDE: Final = 1600
"""Longest side of a stored photo, pixels."""
SMALL_SIDE: Final = 320
SIGNATURE_SIDE: Final = 1000
QUALITY: Final = 82


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A file fit to be kept.

    Attributes:
        data: Its bytes.
        media_type: What it is.
        width: Pixels; None for sound.
        height: Likewise.
        small: A small picture of it, JPEG; None for sound.
    """

    data: bytes
    media_type: str
    width: int | None = None
    height: int | None = None
    small: bytes | None = None


def sniff(data: bytes) -> str | None:
    """Return the media type of a file by its first bytes, None when it is none that we take.

    >>> sniff(b"OggS...."), sniff(b"<svg onload=...")
    ('audio/ogg', None)
    """
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data.startswith(b"\x1a\x45\xdf\xa3"):
        return "audio/webm"
    if data.startswith(b"OggS"):
        return "audio/ogg"
    if data[4:8] == b"ftyp" and data[8:12] in _SOUND_BRANDS:
        return "audio/mp4"
    return None


_SOUND_BRANDS: Final = frozenset({b"M4A ", b"mp42", b"mp41", b"isom", b"iso5", b"iso6", b"dash"})
TAKEN: Final[dict[str, frozenset[str]]] = {
    "photo": frozenset({"image/jpeg", "image/png", "image/webp"}),
    "signature": frozenset({"image/png"}),
    "audio": frozenset({"audio/webm", "audio/ogg", "audio/mp4"}),
}
"""Media types taken for each kind."""


def clean(data: bytes, kind: Kind) -> Cleaned:
    """Return what is kept of a file (slow: call it from a thread).

    Raises:
        UnsupportedMedia: It is not of a type that this kind takes.
        TooLarge: The picture has too many pixels.
        InvalidInput: The picture cannot be decoded.
    """
    found = sniff(data)
    if found is None or found not in TAKEN[kind]:
        raise UnsupportedMedia(kind=kind, takes=", ".join(sorted(TAKEN[kind])))
    if kind == "audio":
        return Cleaned(data, found)
    if _webp_pixels(data) > MOST_PIXELS:
        raise TooLarge("this picture has too many pixels", most=MOST_PIXELS)
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as image:
            if image.width * image.height > MOST_PIXELS:
                raise TooLarge("this picture has too many pixels", most=MOST_PIXELS)
            return _signature(image) if kind == "signature" else _photo(image)
    except TooLarge:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise TooLarge("this picture has too many pixels", most=MOST_PIXELS) from None
    except Exception as error:  # the edge of a decoder: a broken picture raises what it likes
        raise InvalidInput("this picture cannot be read", field="file") from error


def _webp_pixels(data: bytes) -> int:
    """Return the pixels of a WebP by its header, 0 of anything else: its decoder makes room for
    them as soon as it is opened.

    Source: RFC 9649, 2.5 to 2.7.
    """
    if data[8:12] != b"WEBP" or len(data) < 30:
        return 0
    match data[12:16]:
        case b"VP8X":
            width = int.from_bytes(data[24:27], "little") + 1
            height = int.from_bytes(data[27:30], "little") + 1
        case b"VP8L":
            bits = int.from_bytes(data[21:25], "little")
            width, height = (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1
        case _:
            width = int.from_bytes(data[26:28], "little") & 0x3FFF
            height = int.from_bytes(data[28:30], "little") & 0x3FFF
    return width * height


def _photo(image: Image.Image) -> Cleaned:
    flat = _shrunk(image, SIDE)
    data = _jpeg(flat, QUALITY)
    width, height = flat.size
    flat.thumbnail((SMALL_SIDE, SMALL_SIDE), Image.Resampling.LANCZOS)
    return Cleaned(data, "image/jpeg", width, height, _jpeg(flat, 70))


def _signature(image: Image.Image) -> Cleaned:
    flat = _shrunk(image, SIGNATURE_SIDE).convert("L")
    out = io.BytesIO()
    flat.save(out, "PNG", optimize=True)
    width, height = flat.size
    flat.thumbnail((SMALL_SIDE, SMALL_SIDE), Image.Resampling.LANCZOS)
    return Cleaned(out.getvalue(), "image/png", width, height, _jpeg(flat, 80))


def _shrunk(image: Image.Image, side: int) -> Image.Image:
    """Return the pixels alone, upright, what is transparent on white: a new picture, in which
    nothing of the old one's metadata is left.
    """
    if "transparency" in image.info or image.mode in {"P", "PA", "LA", "La", "RGBa"}:
        image = image.convert("RGBA")
    # A JPEG is decoded at a half, a quarter or an eighth of its size: a fraction of the work.
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    upright = ImageOps.exif_transpose(image)
    flat = Image.new("RGB", upright.size, (255, 255, 255))
    if upright.mode == "RGBA":
        flat.paste(upright, mask=upright.getchannel("A"))
    else:
        flat.paste(upright.convert("RGB"))
    return flat


def _jpeg(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()
