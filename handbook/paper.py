"""What was printed and lies in a folder: its names say nothing, and a missing file is no error."""

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

TITLES = {"es": "manual", "en": "handbook"}
PARTS = {"es": ("libro", "hojas", "tarjetas"), "en": ("book", "sheets", "cards")}
KINDS = {".pdf": "application/pdf", ".epub": "application/epub+zip"}
NAME = re.compile(rf"({'|'.join(TITLES.values())})-[a-z]{{2}}(-[a-z0-9]+)?\.(pdf|epub)")


@dataclass(frozen=True, slots=True)
class Printed:
    """A file that was made, its size in bytes, and a tag that changes when it does."""

    path: Path
    size: int
    tag: str


def book_name(language: str) -> str:
    """The name of the EPUB."""
    return f"{TITLES[language]}-{language}.epub"


def part_name(language: str, part: str) -> str:
    """The name of one PDF of everything."""
    return f"{TITLES[language]}-{language}-{part}.pdf"


def leaflet_name(language: str, number: int) -> str:
    """The name of one chapter's PDF: its number alone."""
    return f"{TITLES[language]}-{language}-{number:02}.pdf"


def printed(folder: Path, name: str) -> Printed | None:
    """The file of that name, if it is one of ours and was made."""
    path = folder / name
    if not NAME.fullmatch(name) or not path.is_file():
        return None
    facts = path.stat()
    return Printed(path, facts.st_size, _tag(path, facts.st_mtime_ns, facts.st_size))


@lru_cache(maxsize=256)
def _tag(path: Path, _changed: int, _size: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:32]


def leaflet(folder: Path, language: str, number: int) -> Printed | None:
    """A chapter by itself, on paper."""
    return printed(folder, leaflet_name(language, number))


def booklets(folder: Path, language: str) -> tuple[Printed, ...]:
    """The book, the sheets, the cards and the EPUB of a language, as far as they were made."""
    names = [part_name(language, part) for part in PARTS[language]] + [book_name(language)]
    return tuple(found for name in names if (found := printed(folder, name)))


def spoken(pack: Path, slug: str, language: str) -> Path | None:
    """A chapter read aloud, where a pack has a recording: OGG with Opus, as voices are."""
    path = pack / "handbook" / "audio" / f"{slug}.{language}.ogg"
    return path if path.is_file() else None
