"""A locked PDF that opens with a passphrase in any reader of papers, and needs nothing of ours.

Letters that the standard fonts do not have are written without their marks, or as a dot; the same
words, exactly, lie in it as a text file beside the other files.
"""

import io
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import pikepdf
from pikepdf import Array, AttachedFileSpec, Dictionary, Encryption, Name, Pdf
from PIL import Image, UnidentifiedImageError

A4 = (595, 842)
MARGIN, SIZE, LEADING = 56, 11, 15
FEET = MARGIN - 24
COLUMN = A4[0] - 2 * MARGIN
LINES = (A4[1] - 2 * MARGIN) // LEADING
TALLEST = 320  # points of a picture
PLAIN, BOLD = "F1", "F2"
UNKNOWN = "·"
JPEG = b"\xff\xd8\xff"
# Of Helvetica, from the space on, in thousandths (Adobe's metrics of its fourteen fonts).
WIDTHS = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
)  # fmt: skip
WIDEST = 1000
WIDER = 1.08  # the bold one, at most


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that was said: a line above it, the words, and a picture that came with them."""

    heading: str = field(repr=False)
    words: str = field(repr=False)
    picture: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Paper:
    """Everything that goes into it."""

    opening: Sequence[str] = field(repr=False)
    said: Sequence[Said] = field(repr=False)
    foot: str
    words_as: str  # what the text file is called
    files: Mapping[str, bytes] = field(repr=False)


def locked(paper: Paper, passphrase: str) -> bytes:
    """The PDF, encrypted with AES-256 (revision 6) under this passphrase; the same for reading and
    for changing.
    """
    pdf = Pdf.new()
    pages = _Pages(pdf, paper.foot)
    for line in paper.opening:
        pages.write(line, PLAIN)
        pages.skip()
    for one in paper.said:
        pages.write(one.heading, BOLD, keep=2)
        pages.write(one.words, PLAIN)
        if one.picture is not None:
            pages.draw(one.picture)
        pages.skip()
    pages.done()
    exact = "\n\n".join((*paper.opening, *(f"{one.heading}\n{one.words}" for one in paper.said)))
    for name, content in {paper.words_as: exact.encode(), **paper.files}.items():
        pdf.attachments[name] = AttachedFileSpec(
            pdf,
            content,
            filename=name,
            description="",
            mime_type="",
            creation_date="",
            mod_date="",
        )
    out = io.BytesIO()
    lock = Encryption(owner=passphrase, user=passphrase, R=6)
    pdf.save(out, encryption=lock, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


class _Pages:
    """Lines from the top of one page to its foot, and on to the next."""

    def __init__(self, pdf: Pdf, foot: str) -> None:
        self._pdf, self._foot = pdf, foot
        self._fonts = Dictionary(
            {f"/{PLAIN}": _font("Helvetica"), f"/{BOLD}": _font("Helvetica-Bold")}
        )
        self._drawn: list[bytes] = []
        self._pictures: dict[str, pikepdf.Object] = {}
        self._left = LINES

    def write(self, text: str, font: str, *, keep: int = 1) -> None:
        """In as many lines as it takes; `keep` of them are not torn from what follows."""
        if self._left < keep:
            self.done()
        for line in _lines(_known(text), COLUMN / (WIDER if font == BOLD else 1)):
            if not self._left:
                self.done()
            self._left -= 1
            self._line(line, font, MARGIN + self._left * LEADING)

    def skip(self) -> None:
        """An empty line, unless the page has just begun."""
        self._left = max(0, self._left - 1) if self._left < LINES else LINES

    def draw(self, jpeg: bytes) -> None:
        """A picture under the words; nothing where it is none that a PDF can hold as it is."""
        measured = _measured(jpeg)
        if measured is None:
            return
        width, height, colours = measured
        scale = min(COLUMN / width, TALLEST / height, 1.0)
        needed = int(height * scale) // LEADING + 2
        if self._left < needed:
            self.done()
        self._left -= needed
        name = f"/Im{len(self._pictures)}"
        self._pictures[name] = self._pdf.make_stream(
            jpeg,
            Type=Name.XObject,
            Subtype=Name.Image,
            Width=width,
            Height=height,
            ColorSpace=Name(colours),
            BitsPerComponent=8,
            Filter=Name.DCTDecode,
        )
        y = MARGIN + self._left * LEADING + LEADING
        place = f"{width * scale:.1f} 0 0 {height * scale:.1f} {MARGIN} {y}"
        self._drawn.append(f"q {place} cm {name} Do Q".encode())

    def done(self) -> None:
        """The page is full, or the last."""
        if not self._drawn:
            return
        self._line(f"{self._foot} · {len(self._pdf.pages) + 1}", PLAIN, FEET)
        page = Dictionary(
            Type=Name.Page,
            MediaBox=Array([0, 0, *A4]),
            Resources=Dictionary(Font=self._fonts, XObject=Dictionary(self._pictures)),
            Contents=self._pdf.make_stream(b"\n".join(self._drawn)),
        )
        self._pdf.pages.append(pikepdf.Page(self._pdf.make_indirect(page)))
        self._drawn, self._pictures, self._left = [], {}, LINES

    def _line(self, text: str, font: str, y: float) -> None:
        shown = text.encode("cp1252")
        for mark in (b"\\", b"(", b")"):
            shown = shown.replace(mark, b"\\" + mark)
        self._drawn.append(f"BT /{font} {SIZE} Tf {MARGIN} {y} Td (".encode() + shown + b") Tj ET")


def _font(name: str) -> Dictionary:
    return Dictionary(
        Type=Name.Font,
        Subtype=Name.Type1,
        BaseFont=Name(f"/{name}"),
        Encoding=Name.WinAnsiEncoding,
    )


def _known(text: str) -> str:
    """As the standard fonts can write it."""
    return "".join(_letter(one) for one in unicodedata.normalize("NFC", text))


def _letter(one: str) -> str:
    if one in "\n\t":
        return " " if one == "\t" else one
    if _written(one):
        return one if one.isprintable() or one == "\u00a0" else ""
    bare = "".join(mark for mark in unicodedata.normalize("NFKD", one) if _written(mark))
    if bare:
        return bare
    return (
        "" if unicodedata.combining(one) or unicodedata.category(one) in {"Cf", "Mn"} else UNKNOWN
    )


def _written(one: str) -> bool:
    try:
        one.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _lines(text: str, width: float) -> Iterator[str]:
    """At spaces where there are some, and inside a word where it is longer than a line."""
    for paragraph in text.split("\n"):
        line = ""
        for word in _short(paragraph.split(" "), width):
            longer = f"{line} {word}" if line else word
            if line and _width(longer) > width:
                yield line
                longer = word
            line = longer
        yield line


def _short(words: Iterable[str], width: float) -> Iterator[str]:
    for word in words:
        start, at = 0, 0.0
        cuts = [0]
        for number, one in enumerate(word):
            at += _width(one)
            if at > width:
                cuts.append(number)
                at = _width(one)
        for start, end in pairwise((*cuts, len(word))):
            yield word[start:end]
        if not word:
            yield ""


def _width(text: str) -> float:
    return sum(map(_wide, text)) * SIZE / 1000


def _wide(one: str) -> int:
    base = unicodedata.normalize("NFD", one)[0]
    number = ord(base) - 32
    return WIDTHS[number] if 0 <= number < len(WIDTHS) else WIDEST


def _measured(jpeg: bytes) -> tuple[int, int, str] | None:
    """Width, height and colours of a JPEG, from its head: its pixels are not looked at."""
    if not jpeg.startswith(JPEG):
        return None
    try:
        with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as picture:
            colours = {"RGB": "/DeviceRGB", "L": "/DeviceGray"}.get(picture.mode)
            return None if colours is None else (*picture.size, colours)
    except (UnidentifiedImageError, OSError, ValueError):
        return None
