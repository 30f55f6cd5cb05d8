"""Pictures: drawn again from their pixels, so that nothing but pixels is left."""

import io
from typing import Final

from PIL import GifImagePlugin, Image, ImageOps, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from network.cases.domain import CannotStrip

READ: Final = tuple(
    each.format
    for each in (
        JpegImagePlugin.JpegImageFile,
        PngImagePlugin.PngImageFile,
        WebPImagePlugin.WebPImageFile,
        GifImagePlugin.GifImageFile,
    )
    if each.format
)
MOST_PIXELS: Final = 64_000_000  # a small file can claim to be a huge picture
JPEG_QUALITY: Final = 88
PNG_END: Final = b"IEND\xaeB`\x82"


def is_jpeg(raw: bytes) -> bool:
    """By its first bytes."""
    return raw.startswith(b"\xff\xd8\xff")


def is_png(raw: bytes) -> bool:
    """By its first bytes."""
    return raw.startswith(b"\x89PNG\r\n\x1a\n")


def is_webp(raw: bytes) -> bool:
    """By its first bytes."""
    return raw.startswith(b"RIFF") and raw[8:12] == b"WEBP"


def is_gif(raw: bytes) -> bool:
    """By its first bytes."""
    return raw.startswith((b"GIF87a", b"GIF89a"))


def as_jpeg(raw: bytes) -> bytes:
    """The first picture of the file, upright, as a JPEG without anything else."""
    return _drawn(raw, "RGB", "JPEG", quality=JPEG_QUALITY)


def as_png(raw: bytes) -> bytes:
    """The first picture of the file, upright, as a PNG without anything else."""
    # What stands behind a PNG's end is no part of it, and would keep it from being read.
    whole, end, _ = raw.partition(PNG_END) if is_png(raw) else (raw, b"", b"")
    return _drawn(whole + end, "RGBA", "PNG")


def _drawn(raw: bytes, mode: str, form: str, **options: int) -> bytes:
    with Image.open(io.BytesIO(raw), formats=READ) as picture:
        width, height = picture.size
        if width * height > MOST_PIXELS:
            raise CannotStrip
        # The turn a phone notes in its metadata is taken before the metadata goes.
        ImageOps.exif_transpose(picture, in_place=True)
        upright = picture if picture.mode == mode else picture.convert(mode)
        bare = Image.new(mode, upright.size)
        bare.paste(upright)
    drawn = io.BytesIO()
    bare.save(drawn, form, **options)
    return drawn.getvalue()
