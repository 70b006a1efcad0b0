"""Pictures as phones and forgers make them."""

import io
import struct
import zlib

from PIL import Image


def photo(
    size: tuple[int, int] = (1200, 900),
    colour: tuple[int, int, int] = (90, 120, 60),
    *,
    kind: str = "JPEG",
    turned: bool = False,
) -> bytes:
    """Return a photo with everything a phone writes into it: place, camera, comment."""
    image = Image.new("RGB", size, colour)
    # One corner of another colour tells which way is up.
    image.paste((250, 10, 10), (0, 0, size[0] // 4, size[1] // 4))
    exif = Image.Exif()
    exif[0x010F] = "Camera of somebody"
    exif[0x0112] = 6 if turned else 1
    exif[0x8825] = {1: "N", 2: (45.0, 15.0, 58.0), 3: "E", 4: (1.0, 46.0, 12.0)}
    out = io.BytesIO()
    more = {"comment": b"taken at home"} if kind == "JPEG" else {}
    image.save(out, kind, exif=exif, quality=90, **more)
    return out.getvalue()


def signature() -> bytes:
    """Return a signature drawn on a transparent ground."""
    image = Image.new("RGBA", (400, 150), (0, 0, 0, 0))
    image.paste((10, 10, 60, 255), (40, 60, 340, 70))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def bomb(side: int = 50_000) -> bytes:
    """Return a small PNG whose header tells of `side` times `side` pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        crc = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", crc)

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    body = zlib.compress(b"\0" * 10_000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )


def webp_bomb() -> bytes:
    """Return the header of an extended WebP of 16384 times 16384 pixels."""
    body = b"VP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + b"\xff\x3f\0" + b"\xff\x3f\0"
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body + b"\0" * 20


def voice(size: int = 4000) -> bytes:
    """Return what begins like a voice note of a browser."""
    return b"\x1a\x45\xdf\xa3" + b"\x01" * size
