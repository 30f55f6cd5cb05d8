"""What every check of the handbook shares: a problem and its place, words never used, and links."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from handbook.boards import PAGE as PICTURES
from handbook.glossary import PAGE as GLOSSARY
from handbook.library import Library
from handbook.wording import LANGUAGES

ORDER = "tells somebody what to do with their money"
AMOUNT = "gives an amount or a rate"
FORBIDDEN = {
    "es": (
        (r"\b(pagues?|paguen|paguemos|paga|pagar[áa]s|deposites?|transfieras?)\b", ORDER),
        (r"\d+\s?%|\$\s?\d|\d+\s+(mil\s+)?pesos", AMOUNT),
    ),
    "en": (
        (r"\b(don['’]t|do not|never|must|should)\s+pay\b|\bpay (them|up|the ransom)\b", ORDER),
        (r"\d+\s?%|\$\s?\d|\d+\s+pesos", AMOUNT),
    ),
}


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Where it is and what to mend."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}"


def facts_of(cited: tuple[str, ...], harm: frozenset[int], library: Library) -> Iterator[str]:
    for fact in cited:
        if fact not in library.facts:
            yield f"no fact {fact}"
        elif missing := library.facts[fact].harm - harm:
            yield f"cites {fact}, so it must be marked harm={sorted(missing)}"


def target_exists(target: str, library: Library) -> bool:
    """Whether an inner link leads to a chapter, section, tree or step in every language."""
    if target.startswith("https://"):
        return True
    if target.startswith("arbol:"):
        slug, _, step = target.removeprefix("arbol:").partition("/")
        tree = library.trees.get((slug, "es"))
        return tree is not None and (not step or step in tree.steps)
    slug, _, anchor = target.partition("#")
    if slug == GLOSSARY:
        return not anchor or anchor in library.glossary
    if slug.endswith(f"/{PICTURES}"):
        return (slug.removesuffix(f"/{PICTURES}"), "es") in library.boards
    chapters = [library.chapters.get((slug, language)) for language in LANGUAGES]
    return all(
        chapter is not None and (not anchor or anchor in {s.id for s in chapter.sections})
        for chapter in chapters
    )


def forbidden(blocks: tuple[str, ...], language: str) -> Iterator[str]:
    for block in blocks:
        yield from _forbidden(block, language)


@lru_cache(maxsize=1 << 12)
def _forbidden(block: str, language: str) -> tuple[str, ...]:
    told = ((re.search(each, block, re.IGNORECASE), what) for each, what in FORBIDDEN[language])
    return tuple(f"«{found[0]}» {what}" for found, what in told if found)
