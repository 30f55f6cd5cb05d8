"""What the chapters rest on: facts, their sources, how sure we are, what harm they could do."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from handbook.toml import parsed

# The file says when and where in Spanish; what a reader of another language meets there instead.
SAID_IN: Final = {
    "en": {
        "sin fecha": "no date",
        "reforma": "amended",
        "antes de": "before",
        "y después": "and later",
        "y": "and",
        "transitorios": "transitory arts.",
        "fracciones": "subsections",
        "enero de": "January",
        "febrero de": "February",
        "marzo de": "March",
        "abril de": "April",
        "mayo de": "May",
        "junio de": "June",
        "julio de": "July",
        "agosto de": "August",
        "septiembre de": "September",
        "octubre de": "October",
        "noviembre de": "November",
        "diciembre de": "December",
    }
}


@dataclass(frozen=True, slots=True)
class Source:
    """A text somebody can go and read; without an address where none is stable."""

    title: str
    publisher: str
    date: str
    url: str

    def dated(self, language: str) -> str:
        """When it was published, as a reader of that language says it. Its title stays its own."""
        return _said(self.date, language)


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement, in each language, with where it comes from and the HARM numbers it carries."""

    id: str
    words: Mapping[str, str]
    sources: tuple[Source, ...]
    where: str
    confidence: str
    harm: frozenset[int]

    def placed(self, language: str) -> str:
        """Where in those texts it stands: articles, mostly. The names of laws stay."""
        return _said(self.where, language)


def read_facts(path: Path) -> dict[str, Fact]:
    """Every fact of the file, by its id; none where there is no such file."""
    if not path.exists():
        return {}
    data = parsed(path.read_text("utf-8"))
    sources = {key: _source(source) for key, source in data["sources"].items()}
    return {key: _fact(key, fact, sources) for key, fact in data["facts"].items()}


def _source(data: Mapping[str, str]) -> Source:
    return Source(data["title"], data["publisher"], data["date"], data.get("url", ""))


def _fact(key: str, data: Mapping[str, Any], sources: Mapping[str, Source]) -> Fact:
    return Fact(
        id=key,
        words={"es": data["es"], "en": data["en"]},
        sources=tuple(sources[source] for source in data["sources"]),
        where=data.get("where", ""),
        confidence=data["confidence"],
        harm=frozenset(data.get("harm", ())),
    )


def _said(words: str, language: str) -> str:
    for ours, theirs in SAID_IN.get(language, {}).items():
        words = re.sub(rf"\b{ours}\b", theirs, words)
    return words
