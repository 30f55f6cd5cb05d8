"""What a phone keeps of the handbook: which pages, and how it knows that they changed."""

from collections.abc import Iterator
from functools import cache
from hashlib import sha256

from handbook import markup
from handbook.glossary import PAGE as GLOSSARY
from handbook.library import HERE, Library
from handbook.wording import LANGUAGES

HOUSE = HERE.parent
# Everything a page is made of: the words, the frame around them, its looks and its language.
SOURCES = (
    HERE,
    HOUSE / "config" / "countries",
    HOUSE / "network" / "web" / "static",
    HOUSE / "network" / "web" / "templates",
    HOUSE / "config" / "languages",
)
FORMS = frozenset({".css", ".html", ".js", ".md", ".po", ".py", ".svg", ".toml"})
VERSION_LENGTH = 16


def version(known: str = "") -> str:
    """A name that changes when anything a page is made of changes, or what is `known` of it."""
    return sha256(f"{_made_of()}\0{known}".encode()).hexdigest()[:VERSION_LENGTH]


@cache
def _made_of() -> str:
    content = sha256()
    for folder in SOURCES:
        for path in sorted(folder.rglob("*")):
            if path.suffix in FORMS:
                content.update(f"{path.relative_to(HOUSE)}\0".encode())
                content.update(sha256(path.read_bytes()).digest())
    return content.hexdigest()


def addresses(library: Library) -> Iterator[str]:
    """Every page of the handbook, in every language; a search is one page, without a question."""
    for language in LANGUAGES:
        for page in ("", "search", GLOSSARY, "index.json", "manual.webmanifest"):
            yield markup.address(page, language=language)
        for chapter in library.in_order(language):
            yield chapter.url
    for board in library.boards.values():
        yield board.url
    for (slug, language), tree in library.trees.items():
        yield markup.address(f"arbol:{slug}", language=language)
        for step in tree.steps:
            yield markup.address(f"arbol:{slug}/{step}", language=language)
