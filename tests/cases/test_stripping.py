"""What a file says about its maker stays outside; a file we cannot clean stays outside whole."""

import io
import struct
import wave
from typing import Any

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mutagen.id3 import ID3, TIT2
from mutagen.ogg import OggPage
from mutagen.oggopus import OggOpus
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from network.cases import stripping
from network.cases.domain import MAX_FILE, CannotStrip, KindRefused, TooLarge
from network.cases.stripping import strip
from network.kernel.errors import Refused
from network.outbox.domain import AttachmentKind

CANARY = "CANARY-19.4326"
# mutagen has no types.
Page: Any = OggPage
Opus: Any = OggOpus
Tags: Any = ID3
Title: Any = TIT2


def _jpeg(*, side: int = 32) -> bytes:
    picture = Image.new("RGB", (side * 2, side), (200, 20, 20))
    exif = Image.Exif()
    exif[0x010F] = CANARY  # maker
    exif[0x0112] = 6  # to be shown turned
    exif.get_ifd(0x8825)[29] = CANARY  # the day in GPS
    file = io.BytesIO()
    picture.save(file, "JPEG", exif=exif, comment=CANARY.encode())
    return file.getvalue()


def _png() -> bytes:
    notes = PngInfo()
    notes.add_text("Author", CANARY)
    file = io.BytesIO()
    Image.new("RGBA", (20, 20), (1, 2, 3, 128)).save(file, "PNG", pnginfo=notes)
    return file.getvalue() + CANARY.encode()  # and something behind its end


def _opus() -> bytes:
    def page(number: int, packet: bytes, kind: int) -> bytes:
        one = Page()
        one.serial, one.sequence, one.packets = 77, number, [packet]
        one.position = number * 960
        one.first, one.last = kind == 2, kind == 4
        return bytes(one.write())

    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 312, 48000, 0, 0)
    maker = CANARY.encode()
    comment = f"LOCATION={CANARY}".encode()
    tags = b"OpusTags" + struct.pack("<I", len(maker)) + maker
    tags += struct.pack("<II", 1, len(comment)) + comment
    return page(0, head, 2) + page(1, tags, 0) + page(2, b"\xfc" + bytes(60), 4)


def _mp3() -> bytes:
    frame = b"\xff\xfb\x90\x00" + bytes(413)
    file = io.BytesIO(frame * 20)
    tags = Tags()
    tags.add(Title(encoding=3, text=CANARY))
    file.seek(0)
    tags.save(file)
    return file.getvalue() + b"TAG" + CANARY.encode().ljust(125, b"\0")


def _box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), name) + body


def _mp4(*, brand: bytes = b"isom", handler: bytes = b"vide") -> bytes:
    times = bytes(4) + struct.pack(">II", 3_900_000_000, 3_900_000_001) + bytes(80)
    track = _box(b"tkhd", times) + _box(
        b"mdia",
        _box(b"mdhd", times) + _box(b"hdlr", bytes(8) + handler + bytes(12) + CANARY.encode()),
    )
    return (
        _box(b"ftyp", brand + bytes(4))
        + _box(
            b"moov",
            _box(b"mvhd", times)
            + _box(b"trak", track)
            + _box(b"udta", _box(b"\xa9xyz", CANARY.encode())),
        )
        + _box(b"uuid", CANARY.encode())
        + _box(b"mdat", b"pictures")
    )


def _pdf() -> bytes:
    paper = pikepdf.new()
    paper.add_blank_page()
    page = paper.pages[0].obj
    photo = paper.make_stream(_jpeg(), Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image)
    photo.Filter = pikepdf.Name.DCTDecode
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(P=photo))
    page.PieceInfo = pikepdf.Dictionary(X=pikepdf.String(CANARY))
    page.Contents = paper.make_stream(b"q 1 0 0 1 0 0 cm /P Do Q")
    paper.docinfo["/Author"] = CANARY
    paper.attachments["x.txt"] = CANARY.encode()
    paper.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String(CANARY))
    with paper.open_metadata() as metadata:
        metadata["dc:creator"] = [CANARY]
    file = io.BytesIO()
    paper.save(file, compress_streams=False)
    return file.getvalue()


ALL = {
    "jpeg": (_jpeg(), AttachmentKind.PHOTO),
    "png": (_png(), AttachmentKind.PHOTO),
    "opus": (_opus(), AttachmentKind.VOICE),
    "mp3": (_mp3(), AttachmentKind.DOCUMENT),
    "mp4": (_mp4(), AttachmentKind.DOCUMENT),
    "m4a": (_mp4(brand=b"M4A ", handler=b"soun"), AttachmentKind.DOCUMENT),
    "pdf": (_pdf(), AttachmentKind.DOCUMENT),
}


@pytest.mark.parametrize("kind", ALL)
def test_nothing_of_its_maker_is_left(kind: str) -> None:
    raw, shown = ALL[kind]
    assert CANARY.encode() in raw

    found = strip(raw, name=f"{CANARY}.{kind}")

    assert CANARY.encode() not in found.content
    assert CANARY not in found.name
    assert found.kind is shown


def test_a_pdf_hides_nothing_in_its_compressed_parts() -> None:
    with pikepdf.open(io.BytesIO(strip(_pdf(), name="x").content)) as paper:
        unpacked = io.BytesIO()
        paper.save(unpacked, qdf=True)
        assert len(paper.pages) == 1
        assert "/P" in paper.pages[0].Resources.XObject
    assert CANARY.encode() not in unpacked.getvalue()
    assert b"Exif" not in unpacked.getvalue()


def test_a_picture_stands_upright_and_has_no_exif() -> None:
    with Image.open(io.BytesIO(strip(_jpeg(), name="x").content)) as picture:
        assert picture.size == (32, 64)
        assert dict(picture.getexif()) == {}
        assert picture.info.get("comment") is None


def test_a_voice_note_still_plays() -> None:
    sound = Opus(io.BytesIO(strip(_opus(), name="x").content))
    assert sound.info.length > 0
    assert sound.tags is not None
    assert sound.tags.vendor == ""


def test_a_film_forgets_when_it_was_made() -> None:
    raw, clean = _mp4(), strip(_mp4(), name="x").content
    assert len(clean) == len(raw)
    assert struct.pack(">I", 3_900_000_000) not in clean
    assert b"pictures" in clean


def test_a_film_with_a_track_of_something_else_is_not_kept() -> None:
    with pytest.raises(CannotStrip):
        strip(_mp4(handler=b"meta"), name="x")


@pytest.mark.parametrize("form", ["WEBP", "GIF"])
def test_pictures_of_other_kinds_become_plain_ones(form: str) -> None:
    file = io.BytesIO()
    Image.new("RGB", (9, 7)).save(file, form)
    found = strip(file.getvalue(), name="x")
    with Image.open(io.BytesIO(found.content)) as picture:
        assert (picture.format, picture.size) == ("PNG", (9, 7))


def test_words_come_through_without_hidden_marks() -> None:
    found = strip("\ufeffuno\u202edos\r\ntres".encode(), name="x.txt")
    assert found.content == b"unodos\ntres"
    assert found.name.endswith(".txt")


def _wav() -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(100))
    return file.getvalue()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"   ",
        b"PK\x03\x04" + bytes(100),
        b"MZ" + bytes(100),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\0\0\0\x18ftypheic" + bytes(100),
        _wav(),
    ],
)
def test_other_kinds_are_refused(raw: bytes) -> None:
    with pytest.raises(KindRefused):
        strip(raw, name="x.jpg")


@pytest.mark.parametrize("kind", ["jpeg", "opus", "mp4", "png"])
def test_half_a_file_is_not_kept(kind: str) -> None:
    raw = ALL[kind][0]
    with pytest.raises(CannotStrip):
        strip(raw[: len(raw) // 2], name="x")


def test_too_large_is_said_before_anything_is_read() -> None:
    with pytest.raises(TooLarge):
        strip(b"a" * (MAX_FILE + 1), name="x")


def test_two_sounds_in_one_file_are_not_kept() -> None:
    other = bytearray(_opus())
    with pytest.raises(CannotStrip):
        strip(
            _opus() + bytes(other).replace(struct.pack("<I", 77), struct.pack("<I", 78)), name="x"
        )


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(sorted(ALL)),
    st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=12),
)
def test_a_damaged_file_is_cleaned_or_refused_and_nothing_else(
    kind: str, damage: list[tuple[int, int]]
) -> None:
    raw = bytearray(ALL[kind][0])
    for place, value in damage:
        raw[place % len(raw)] = value
    try:
        found = stripping.strip(bytes(raw), name="x")
    except Refused:
        return
    assert len(found.content) <= MAX_FILE
