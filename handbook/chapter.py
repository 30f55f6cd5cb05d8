"""One chapter: a Markdown file with its front matter, read into sections that know their marks."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from markdown_it.token import Token

from handbook import markup
from handbook.glossary import Marker, Term
from handbook.markup import Html
from handbook.toml import parsed
from handbook.wording import LANGUAGES

FENCE = "+++\n"
NOW, SAY, CHANGES, CORRECTIONS = "ahora", "dilo", "cambia", "correcciones"
WORKSHEETS, SOURCES = "hojas", "fuentes"
# Steps for a shaking hand and words to read aloud: no links among them.
UNMARKED = frozenset({NOW, SAY})
OWN_WORDS = "{#glosario"  # a chapter that explains the words itself needs no way to them
FRONT: dict[str, type] = {
    "number": int,
    "slug": str,
    "title": str,
    "public_title": str,
    "audience": str,
    "language": str,
    "translation_of": str,
    "updated": date,
    "facts": list,
    "harm": list,
    "worksheets": list,
    "trees": list,
}


class BadHandbook(ValueError):
    """Something in a file of the handbook cannot be read: which file, which line, why."""

    def __init__(self, file: str, line: int, what: str) -> None:
        super().__init__(f"{file}:{line}: {what}")
        self.file, self.line, self.what = file, line, what


@dataclass(frozen=True, slots=True)
class Section:
    """What stands under one heading; `harm` not empty means the review label is owed."""

    id: str
    title: str
    html: Html
    blocks: tuple[str, ...]
    facts: tuple[str, ...]
    links: tuple[str, ...]
    harm: frozenset[int]
    line: int
    file: str
    digest: str  # of its source, mark and heading included: a review is of these words
    reviewed: bool = False
    left_out: bool = False  # a sentence stands in its place until somebody reviews it

    @property
    def under_review(self) -> bool:
        """Specialists have not signed this off yet."""
        return bool(self.harm) and not self.reviewed


@dataclass(frozen=True, slots=True)
class Chapter:
    """One chapter in one language, in the order a reader needs it."""

    number: int
    slug: str
    title: str
    public_title: str
    audience: str
    language: str
    translation_of: str
    updated: date
    facts: tuple[str, ...]
    harm: frozenset[int]
    worksheets: tuple[str, ...]
    trees: tuple[str, ...]
    sections: tuple[Section, ...]
    file: str
    terms: tuple[str, ...] = ()
    replaces: str = ""

    @property
    def url(self) -> str:
        """Its page."""
        return markup.address(self.slug, language=self.language)

    def section(self, section_id: str) -> Section:
        """The section of that id; KeyError if there is none."""
        return {section.id: section for section in self.sections}[section_id]


def read_chapter(path: Path, terms: Iterable[Term] = (), *, file: str = "") -> Chapter:
    """The chapter of that file; BadHandbook names the line that cannot be read.

    The first use of each of the terms leads to what it means. `file` is how problems name it.
    """
    return _read(path.read_text("utf-8"), file or path.name, tuple(terms))


@lru_cache(maxsize=256)
def _read(text: str, file: str, terms: tuple[Term, ...]) -> Chapter:
    """Read once for the same words: whoever edits, or checks, reads all that did not change too."""
    front, body, offset = opened(text, FRONT, file=file, also={"replaces": str})
    language = front["language"]
    marker = Marker(() if OWN_WORDS in body else terms, language)
    sections = read_sections(body, marker=marker, language=language, file=file, offset=offset)
    return Chapter(
        **{key: front[key] for key in FRONT if FRONT[key] is not list},
        facts=tuple(front["facts"]),
        harm=frozenset(front["harm"]),
        worksheets=tuple(front["worksheets"]),
        trees=tuple(front["trees"]),
        sections=sections,
        file=file,
        terms=tuple(marker.seen),
        replaces=front.get("replaces", ""),
    )


def read_sections(
    body: str, *, marker: Marker, language: str, file: str, offset: int
) -> tuple[Section, ...]:
    """The sections of a text whose first line is line `offset` + 1 of that file."""
    cut = list(_by_heading(file, markup.parse(body), offset=offset))
    return tuple(
        _section(file, tokens, marker=marker, language=language, offset=offset, source=source)
        for tokens, source in zip(cut, _sources(body, cut), strict=True)
    )


def opened(
    text: str, shape: Mapping[str, type], *, file: str, also: Mapping[str, type]
) -> tuple[dict[str, Any], str, int]:
    """The front matter, the body, and how many lines come before the body.

    `shape` is what the front matter must hold, and `also` what it may.
    """
    opening, fence, rest = text.partition(FENCE)
    matter, closing, body = rest.partition("\n" + FENCE)
    if opening or not fence or not closing:
        raise BadHandbook(file, 1, "front matter must stand between two lines of +++")
    try:
        front = parsed(matter)
    except tomllib.TOMLDecodeError as error:
        raise BadHandbook(file, 1, f"front matter: {error}") from error
    _require_front(file, matter, front, shape, also)
    return front, body, matter.count("\n") + 3


def _require_front(
    file: str,
    matter: str,
    front: dict[str, Any],
    shape: Mapping[str, type],
    also: Mapping[str, type],
) -> None:
    if odd := (front.keys() ^ shape.keys()) - also.keys():
        names = ", ".join(sorted(odd))
        raise BadHandbook(file, 1, f"front matter: missing or unknown: {names}")
    for key, kind in {**also, **shape}.items():
        if key in front and not isinstance(front[key], kind):
            what = f"front matter: {key} must be a {kind.__name__}"
            raise BadHandbook(file, _line_of(matter, key), what)
    if front["language"] not in LANGUAGES:
        what = f"front matter: no language {front['language']}"
        raise BadHandbook(file, _line_of(matter, "language"), what)


def _line_of(matter: str, key: str) -> int:
    lines = matter.splitlines()
    return next((n for n, line in enumerate(lines, 2) if line.startswith(key)), 1)


def _by_heading(file: str, tokens: Sequence[Token], *, offset: int) -> Iterator[list[Token]]:
    """The tokens cut at each second-level heading; nothing may stand before the first."""
    at = [n for n, token in enumerate(tokens) if token.type == "heading_open" and token.tag == "h2"]
    if not at or at[0] != 0:
        raise BadHandbook(file, offset + 1, "a chapter begins with a section heading (##)")
    for start, end in zip(at, [*at[1:], len(tokens)], strict=True):
        yield list(tokens[start:end])


def _sources(body: str, cut: Sequence[Sequence[Token]]) -> list[str]:
    """The lines each section is written in, from the mark above its heading to the next one."""
    lines = body.splitlines()
    begins = [tokens[0].map[0] - 1 if tokens[0].map else 0 for tokens in cut]
    return [
        "\n".join(line.rstrip() for line in lines[begin:end]).strip()
        for begin, end in zip(begins, [*begins[1:], len(lines)], strict=True)
    ]


def _section(  # everything a section is made of
    file: str, tokens: Sequence[Token], *, marker: Marker, language: str, offset: int, source: str
) -> Section:
    heading, title, body = tokens[0], tokens[1], tokens[3:]
    line = (heading.map[0] if heading.map else 0) + offset + 1
    section_id, harm = heading.attrGet("id"), str(heading.attrGet("harm") or "")
    if not section_id or not re.fullmatch(r"[a-z0-9-]+", str(section_id)):
        raise BadHandbook(file, line, "a heading needs an id above it, like {#telefono}")
    if not re.fullmatch(r"(\d+( \d+)*)?", harm):
        raise BadHandbook(file, line, 'harm is written as numbers, like harm="1 10"')
    inner = list(markup.inline(body))
    marks = [token.content for token in inner if token.type == "fact"]
    links = tuple(str(token.attrGet("href")) for token in inner if token.type == "link_open")
    if section_id not in UNMARKED:
        marker.mark(body)
    return Section(
        id=str(section_id),
        title=markup.plain(title, language=language),
        html=markup.render(body, language=language),
        blocks=markup.plain_blocks(body, language=language),
        facts=tuple(dict.fromkeys(fact for mark in marks for fact in mark.split(", "))),
        links=links,
        harm=frozenset(int(number) for number in harm.split()),
        line=line,
        digest=sha256(source.encode()).hexdigest(),
        file=file,
    )
