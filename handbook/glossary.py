"""The words a chapter cannot do without, in plain ones, and where each is first used."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from markdown_it.token import Token

from handbook.markup import heads

PAGE = "glosario"


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """A word, the ways the text writes it, what it means, and the facts and harm it carries.

    One is the same as itself alone: chapters are remembered by the terms they were read with.
    """

    id: str
    word: Mapping[str, str]
    also: Mapping[str, tuple[str, ...]]
    means: Mapping[str, str]
    facts: tuple[str, ...]
    harm: frozenset[int]
    line: int  # of its file, where it begins

    @property
    def target(self) -> str:
        """Where it is explained."""
        return f"{PAGE}#{self.id}"

    def forms(self, language: str) -> tuple[str, ...]:
        """How the text of that language writes it."""
        return (self.word[language], *self.also[language])


def read_glossary(path: Path) -> dict[str, Term]:
    """Every word of the file, by its id; none where there is no such file."""
    if not path.exists():
        return {}
    return dict(_terms(path.read_text("utf-8")))


@lru_cache(maxsize=16)
def _terms(text: str) -> Mapping[str, Term]:
    lines = {head: line for line, head in heads(text)}
    return {key: _term(key, term, lines.get(key, 1)) for key, term in tomllib.loads(text).items()}


def _term(key: str, data: Mapping[str, Any], line: int) -> Term:
    languages = sorted(data["means"])
    return Term(
        id=key,
        word={language: data[language] for language in languages},
        also={language: tuple(data["also"][language]) for language in languages},
        means=data["means"],
        facts=tuple(data["facts"]),
        harm=frozenset(data.get("harm", ())),
        line=line,
    )


class Marker:
    """Leads the first use of each word in one chapter to what it means."""

    def __init__(self, terms: Iterable[Term], language: str) -> None:
        self._term_of = {
            form.lower(): term for term in terms for form in term.forms(language) if form
        }
        self._pattern = _any_of(tuple(self._term_of))
        self.seen: list[str] = []

    def mark(self, tokens: Iterable[Token]) -> None:
        """Put links into these inline tokens; what is a link already, or a heading, stays."""
        for token in tokens:
            if token.type == "inline" and token.children:
                token.children = self._marked(token.children)

    def _marked(self, children: list[Token]) -> list[Token]:
        found: list[Token] = []
        inside = 0
        for child in children:
            inside += (child.type == "link_open") - (child.type == "link_close")
            if child.type == "text" and not inside:
                found += self._split(child.content)
            else:
                found.append(child)
        return found

    def _split(self, words: str) -> list[Token]:
        found: list[Token] = []
        after = 0
        for met in self._pattern.finditer(words):
            term = self._term_of.get(met[0].lower())
            if term is None or term.id in self.seen:
                continue
            self.seen.append(term.id)
            link = Token("link_open", "a", 1, attrs={"href": term.target, "class": "term"})
            if before := words[after : met.start()]:
                found.append(_text(before))
            found += [link, _text(met[0]), Token("link_close", "a", -1)]
            after = met.end()
        if after < len(words) or not found:
            found.append(_text(words[after:]))
        return found


@lru_cache(maxsize=16)
def _any_of(forms: tuple[str, ...]) -> re.Pattern[str]:
    """Finds each of these words in a text, the longest where two begin alike."""
    longest_first = sorted(forms, key=len, reverse=True)
    return re.compile(rf"(?<!\w)({'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE)


def _text(words: str) -> Token:
    return Token("text", "", 0, content=words)
