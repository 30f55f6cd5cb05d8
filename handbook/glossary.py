"""The words a chapter cannot do without, in plain ones, and where each is first used."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markdown_it.token import Token

PAGE = "glosario"


@dataclass(frozen=True, slots=True)
class Term:
    """A word, the ways the text writes it, what it means, and the facts and harm it carries."""

    id: str
    word: Mapping[str, str]
    also: Mapping[str, tuple[str, ...]]
    means: Mapping[str, str]
    facts: tuple[str, ...]
    harm: frozenset[int]

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
    data = tomllib.loads(path.read_text("utf-8"))
    return {key: _term(key, term) for key, term in data.items()}


def _term(key: str, data: Mapping[str, Any]) -> Term:
    languages = sorted(data["means"])
    return Term(
        id=key,
        word={language: data[language] for language in languages},
        also={language: tuple(data["also"][language]) for language in languages},
        means=data["means"],
        facts=tuple(data["facts"]),
        harm=frozenset(data.get("harm", ())),
    )


class Marker:
    """Leads the first use of each word in one chapter to what it means."""

    def __init__(self, terms: Iterable[Term], language: str) -> None:
        self._unseen = {
            form.lower(): term for term in terms for form in term.forms(language) if form
        }
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
        if not self._unseen:
            return [_text(words)]
        longest_first = sorted(self._unseen, key=len, reverse=True)
        pattern = rf"(?<!\w)({'|'.join(map(re.escape, longest_first))})(?!\w)"
        met = re.search(pattern, words, re.IGNORECASE)
        if met is None:
            return [_text(words)]
        term = self._unseen[met[0].lower()]
        self._unseen = {form: other for form, other in self._unseen.items() if other is not term}
        self.seen.append(term.id)
        link = Token("link_open", "a", 1, attrs={"href": term.target, "class": "term"})
        before, after = words[: met.start()], words[met.end() :]
        marked = [_text(before)] * bool(before) + [
            link,
            _text(met[0]),
            Token("link_close", "a", -1),
        ]
        return marked + (self._split(after) if after else [])


def _text(words: str) -> Token:
    return Token("text", "", 0, content=words)
