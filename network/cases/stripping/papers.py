"""PDF: its info, XMP, attachments, scripts, thumbnails and names of authors taken out."""

import io
from typing import Final

import pikepdf
from pikepdf import Dictionary, Name, Stream

from network.cases.domain import CannotStrip

FROM_ROOT: Final = (
    "/Metadata", "/PieceInfo", "/AF", "/OpenAction", "/AA", "/Perms", "/Collection", "/DSS",
    "/SpiderInfo", "/Legal",
)  # fmt: skip
FROM_NAMES: Final = ("/EmbeddedFiles", "/JavaScript", "/AlternatePresentations")
# Of a page, an annotation, an image: who made it, when, with what, and pictures of itself.
FROM_ANY: Final = (
    "/Metadata", "/PieceInfo", "/AF", "/Thumb", "/LastModified", "/AA", "/T", "/M",
    "/CreationDate", "/ModDate", "/Author", "/Creator", "/Producer",
)  # fmt: skip
ATTACHMENTS: Final = ("/FileAttachment", "/RichMedia", "/Movie", "/Sound", "/Screen", "/3D")
JPEG_START: Final = b"\xff\xd8"
MARKS: Final = 0xFF
PIXELS: Final = 0xDA  # from here on a JPEG is pixels
TELLING: Final = {0xFE, *range(0xE0, 0xF0)} - {0xE0, 0xEE}  # but for JFIF's and Adobe's colours


def is_pdf(raw: bytes) -> bool:
    """By its first bytes."""
    return raw.startswith(b"%PDF-")


def clean(raw: bytes) -> bytes:
    """The same pages, written anew; what an older save left behind is gone too."""
    with pikepdf.open(io.BytesIO(raw)) as paper:
        if paper.is_encrypted:
            raise CannotStrip
        _clean_root(paper)
        for each in paper.objects:
            if isinstance(each, (Dictionary, Stream)):
                _clean_object(each)
        for page in paper.pages:
            _drop_attachments(page.obj)
        for key in ("/Info", "/ID"):
            if key in paper.trailer:
                del paper.trailer[key]
        written = io.BytesIO()
        paper.remove_unreferenced_resources()
        paper.save(written, fix_metadata_version=False)
    return written.getvalue()


def _clean_root(paper: pikepdf.Pdf) -> None:
    _without(paper.Root, FROM_ROOT)
    if Name.Names in paper.Root:
        _without(paper.Root.Names, FROM_NAMES)
    if Name.AcroForm in paper.Root:
        _without(paper.Root.AcroForm, ("/XFA",))


def _clean_object(each: pikepdf.Object) -> None:
    field = "/FT" in each or "/Kids" in each  # there /T is the name of a form's field
    _without(each, tuple(key for key in FROM_ANY if not (field and key == "/T")))
    if isinstance(each, Stream) and each.get("/Filter") in (Name.DCTDecode, [Name.DCTDecode]):
        # Pixels as they were; only what the camera wrote beside them goes.
        each.write(_without_segments(each.read_raw_bytes()), filter=Name.DCTDecode)


def _without(thing: pikepdf.Object, keys: tuple[str, ...]) -> None:
    for key in keys:
        if key in thing:
            del thing[key]


def _drop_attachments(page: pikepdf.Object) -> None:
    if Name.Annots not in page:
        return
    kept = [each for each in page.Annots if str(each.get("/Subtype", "")) not in ATTACHMENTS]
    page.Annots = pikepdf.Array(kept)


def _without_segments(raw: bytes) -> bytes:
    """A JPEG without its comments and what applications wrote into it."""
    if not raw.startswith(JPEG_START):
        raise CannotStrip
    kept, place = bytearray(JPEG_START), 2
    while place + 4 <= len(raw) and raw[place] == MARKS:
        mark = raw[place + 1]
        if mark == PIXELS:
            return bytes(kept + raw[place:])
        after = place + 2 + int.from_bytes(raw[place + 2 : place + 4], "big")
        if mark not in TELLING:
            kept += raw[place:after]
        place = after
    raise CannotStrip
