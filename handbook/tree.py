"""Questions with branches: data in two languages, for the pages and for the bot."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from handbook import markup
from handbook.cards import Card, cut
from handbook.markup import Html
from handbook.toml import parsed
from handbook.wording import WORDING


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer and the step it leads to."""

    to: str
    label: str


@dataclass(frozen=True, slots=True)
class Onward:
    """A way out: `target` as chapters write it (`slug#section`, `arbol:tree`) and its page."""

    target: str
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Step:
    """One screen: what to do or to ask, the answers, and where to go on reading."""

    id: str
    html: Html
    cards: tuple[Card, ...]
    choices: tuple[Choice, ...]
    onward: tuple[Onward, ...]
    facts: tuple[str, ...]
    harm: frozenset[int]
    blocks: tuple[str, ...]
    reviewed: bool = False

    @property
    def under_review(self) -> bool:
        """Specialists have not signed this off yet."""
        return bool(self.harm) and not self.reviewed

    @property
    def ends(self) -> bool:
        """Nothing more is asked here."""
        return not self.choices


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree in one language; `steps[start]` is the first screen."""

    slug: str
    language: str
    title: str
    start: str
    steps: Mapping[str, Step]
    digest: str  # of its whole source


def read_tree(path: Path, *, language: str) -> Tree:
    """The tree of that file in that language."""
    text = path.read_text("utf-8")
    data = parsed(text)
    title = data["title"][language]
    steps = {
        key: _step(key, step, title=title, harm=frozenset(data["harm"]), language=language)
        for key, step in data["steps"].items()
    }
    return Tree(path.stem, language, title, data["start"], steps, sha256(text.encode()).hexdigest())


def _step(
    key: str, data: Mapping[str, Any], *, title: str, harm: frozenset[int], language: str
) -> Step:
    tokens = markup.parse(data[language])
    marks = [token.content for token in markup.inline(tokens) if token.type == "fact"]
    blocks = markup.plain_blocks(tokens, language=language)
    all_harm = harm | frozenset(data.get("harm", ()))
    label = WORDING[language].under_review if all_harm else ""
    return Step(
        id=key,
        html=markup.render(tokens, language=language),
        cards=cut(key, title=title, blocks=blocks, label=label),
        choices=tuple(Choice(c["to"], c[language]) for c in data.get("choices", ())),
        onward=tuple(
            Onward(n["to"], n[language], markup.address(n["to"], language=language))
            for n in data.get("next", ())
        ),
        facts=tuple(fact for mark in marks for fact in mark.split(", ")),
        harm=all_harm,
        blocks=blocks,
    )
