"""A file that means harm ends alone: whoever answers families goes on answering."""

import io
import struct
import zlib

import pytest
from PIL import Image

from network.cases.domain import CannotStrip, KindRefused
from network.cases.stripping.apart import MOST_MEMORY, strip_apart

MEBI = 1024 * 1024
HEAD = b"%PDF-1.5\n"


def _pdf_that_unfolds_to(size: int) -> bytes:
    """Its objects are packed: so much white space fits into a thousandth of it."""
    packer = zlib.compressobj(9)
    packed = packer.compress(b"5 0 <<>>") + packer.flush(zlib.Z_FULL_FLUSH)
    blank, sum_of_all = b" " * MEBI, zlib.adler32(b"5 0 <<>>")
    again = packer.compress(blank) + packer.flush(zlib.Z_FULL_FLUSH)
    for _ in range(size // MEBI):  # after a full flush the same bytes mean the same again
        packed += again
        sum_of_all = zlib.adler32(blank, sum_of_all)
    packed += b"\x03\x00" + sum_of_all.to_bytes(4)
    assert zlib.decompressobj().decompress(packed, 99).startswith(b"5 0 <<>>   ")
    objects = (
        b"<</Type/Catalog/Pages 2 0 R/More 5 0 R>>",
        b"<</Type/Pages/Kids[]/Count 0>>",
        b"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream"
        % (len(packed), packed),
    )
    paper, places = bytearray(HEAD), []
    for number, each in enumerate(objects, 1):
        places.append(len(paper))
        paper += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    rows = [(0, 0, 0), *((1, place, 0) for place in places), (1, len(paper), 0), (2, 3, 0)]
    table = b"".join(struct.pack(">BIH", *row) for row in rows)
    found = b"<</Type/XRef/Size 6/W[1 4 2]/Root 1 0 R/Length %d>>\nstream\n%s\nendstream" % (
        len(table),
        table,
    )
    start = len(paper)
    return bytes(paper + b"4 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF" % (found, start))


def test_a_picture_comes_back_clean() -> None:
    file = io.BytesIO()
    Image.new("RGB", (40, 20), (200, 20, 20)).save(file, "JPEG", comment=b"CANARY")

    clean = strip_apart(file.getvalue())

    assert clean.kind.value == "photo"
    assert clean.name.endswith(".jpg")
    assert b"CANARY" not in clean.content
    with Image.open(io.BytesIO(clean.content)) as picture:
        assert picture.size == (40, 20)


@pytest.mark.parametrize(
    ("raw", "refusal"), [(b"\0\1\2", KindRefused), (b"\xff\xd8\xff no picture", CannotStrip)]
)
def test_what_is_refused_says_why(raw: bytes, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        strip_apart(raw)


def test_a_paper_that_unfolds_into_gigabytes_takes_none_of_ours() -> None:
    bomb = _pdf_that_unfolds_to(MOST_MEMORY + 256 * MEBI)
    assert len(bomb) < 4 * MEBI

    try:
        content = strip_apart(bomb).content
    except CannotStrip:
        content = b""

    assert len(content) < len(bomb)
