"""The handbook as an EPUB 3 book: one file, dated by its chapters, the same bytes every time."""

import hashlib
import io
import uuid
import zipfile
from collections.abc import Iterator

from handbook.edition import TEMPLATES, Edition, document
from handbook.markup import Html

KIND = "application/epub+zip"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment a zip can hold
SPACE = uuid.UUID("8a3c7a52-3f0e-5d0b-9c41-5b0b6e0d2f11")
ALONE = ("inicio", "nav", "hojas", "glosario", "fuentes")


def bind(edition: Edition) -> bytes:
    """The edition as an EPUB."""
    leaves = dict(_leaves(edition))
    digest = hashlib.sha256("".join(leaves.values()).encode()).hexdigest()
    leaves["content.opf"] = _render(
        edition,
        "content.opf",
        names=[name.removesuffix(".xhtml") for name in _names(edition)],
        drawn=[chapter.slug for chapter in edition.chapters if edition.board(chapter)],
        identity=uuid.uuid5(SPACE, digest),
    )
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as book:
        _put(book, "mimetype", KIND, zipfile.ZIP_STORED)
        _put(book, "META-INF/container.xml", _render(edition, "container.xml"))
        for name, text in sorted(leaves.items()):
            _put(book, f"EPUB/{name}", text)
    return kept.getvalue()


def _put(book: zipfile.ZipFile, name: str, text: str, packing: int = zipfile.ZIP_DEFLATED) -> None:
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.external_attr = 0o644 << 16
    entry.create_system = 3
    book.writestr(entry, text.encode(), packing, 9)


def _names(edition: Edition) -> Iterator[str]:
    """The pages in the order they are read."""
    yield from ("inicio.xhtml", "nav.xhtml")
    yield from (f"{chapter.slug}.xhtml" for chapter in edition.chapters)
    yield from (f"arbol--{tree.slug}.xhtml" for tree in edition.trees)
    yield from ("hojas.xhtml", "glosario.xhtml", "fuentes.xhtml")


def _leaves(edition: Edition) -> Iterator[tuple[str, str]]:
    for name in ALONE:
        yield f"{name}.xhtml", _render(edition, f"{name}.xhtml")
    for chapter in edition.chapters:
        yield f"{chapter.slug}.xhtml", _render(edition, "chapter.xhtml", chapter=chapter)
    for tree in edition.trees:
        yield f"arbol--{tree.slug}.xhtml", _render(edition, "tree.xhtml", tree=tree)
    yield "style.css", (TEMPLATES / "press" / "epub" / "style.css").read_text("utf-8")


def place(anchor: str) -> str:
    """The page of the book an anchor is on, and the anchor."""
    parts = anchor.split("--")
    if parts[0] == "arbol":
        return f"{'--'.join(parts[:2])}.xhtml#{anchor}"
    page = "fuentes" if anchor.startswith("f-") and anchor[2:].isdigit() else parts[0]
    return f"{page}.xhtml#{anchor}"


def _render(edition: Edition, template: str, **more: object) -> str:
    def text(html: Html) -> Html:
        return Html(edition.text(html, place).text.replace("&nbsp;", "&#160;"))

    return document(edition, f"epub/{template}", text=text, place=place, **more)
