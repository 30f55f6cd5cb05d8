"""What a network changes of the handbook in its own country pack, without a copy of the rest.

In `config/countries/<code>/handbook`: `chapters/` holds whole chapters, new ones or ones that name
in `replaces` the chapter they stand for; `sections/` holds sections, each naming in `replaces` the
one it stands for or in `after` the one it follows; `facts.toml`, `glossary.toml`, `worksheets.toml`
and `boards/` add to ours.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from handbook.chapter import BadHandbook, Chapter, Section, opened, read_chapter, read_sections
from handbook.glossary import Marker, Term

Shelf = dict[tuple[str, str], Chapter]
FRONT: Mapping[str, type] = {"chapter": str, "language": str, "updated": date}
PLACES: Mapping[str, type] = {"replaces": str, "after": str}


@dataclass(frozen=True, slots=True)
class Patch:
    """Some sections, the chapter they belong to, and the section they replace or follow."""

    chapter: tuple[str, str]
    sections: tuple[Section, ...]
    replaces: str
    after: str
    updated: date
    terms: tuple[str, ...]
    file: str


def name_of(path: Path, pack: Path) -> str:
    """How problems name a pack's file: `mx/handbook/chapters/…`."""
    return f"{pack.parent.name}/{pack.name}/{path.relative_to(pack).as_posix()}"


def laid_over(ours: Iterable[Chapter], pack: Path, terms: Iterable[Term]) -> list[Chapter]:
    """Our chapters with the pack's in, over and among them; BadHandbook where one has no place."""
    shelf: Shelf = {(chapter.slug, chapter.language): chapter for chapter in ours}
    words = tuple(terms)
    for path in sorted((pack / "chapters").glob("*.md")):
        _place_chapter(shelf, read_chapter(path, words, file=name_of(path, pack)))
    for path in sorted((pack / "sections").glob("*.md")):
        _place_sections(shelf, _patch(path, words, name_of(path, pack)))
    return list(shelf.values())


def _place_chapter(shelf: Shelf, chapter: Chapter) -> None:
    there = (chapter.slug, chapter.language)
    if chapter.replaces and chapter.replaces != chapter.slug:
        what = f"keeps the slug of what it replaces: {chapter.replaces}"
        raise BadHandbook(chapter.file, 1, what)
    if chapter.replaces and there not in shelf:
        raise BadHandbook(chapter.file, 1, f"replaces a chapter there is not: {chapter.replaces}")
    if not chapter.replaces and there in shelf:
        what = f'there is a chapter {chapter.slug}; write replaces = "{chapter.slug}" to replace it'
        raise BadHandbook(chapter.file, 1, what)
    shelf[there] = chapter


def _patch(path: Path, terms: tuple[Term, ...], file: str) -> Patch:
    front, body, offset = opened(path.read_text("utf-8"), FRONT, file=file, also=PLACES)
    if ("replaces" in front) == ("after" in front):
        raise BadHandbook(file, 1, "front matter: one of replaces and after")
    language = front["language"]
    marker = Marker(terms, language)
    return Patch(
        chapter=(front["chapter"], language),
        sections=read_sections(body, marker=marker, language=language, file=file, offset=offset),
        replaces=front.get("replaces", ""),
        after=front.get("after", ""),
        updated=front["updated"],
        terms=tuple(marker.seen),
        file=file,
    )


def _place_sections(shelf: Shelf, patch: Patch) -> None:
    chapter = shelf.get(patch.chapter)
    if chapter is None:
        raise BadHandbook(patch.file, 1, f"there is no chapter {patch.chapter[0]}")
    place = patch.replaces or patch.after
    if place not in {section.id for section in chapter.sections}:
        raise BadHandbook(patch.file, 1, f"there is no section {patch.chapter[0]}#{place}")
    if patch.replaces and patch.sections[0].id != patch.replaces:
        what = f"begins with the section it replaces: {{#{patch.replaces}}}"
        raise BadHandbook(patch.file, patch.sections[0].line, what)
    sections = tuple(_among(chapter.sections, patch))
    shelf[patch.chapter] = replace(
        chapter,
        sections=sections,
        updated=max(chapter.updated, patch.updated),
        facts=_facts(chapter, sections),
        harm=frozenset[int]().union(*(section.harm for section in sections)),
        terms=tuple(dict.fromkeys((*chapter.terms, *patch.terms))),
    )


def _facts(chapter: Chapter, sections: tuple[Section, ...]) -> tuple[str, ...]:
    """Every fact the sections cite, the chapter's own first, in the order it has them."""
    cited = {fact for section in sections for fact in section.facts}
    return tuple(sorted(cited, key=lambda fact: (fact not in chapter.facts, int(fact[2:]))))


def _among(sections: tuple[Section, ...], patch: Patch) -> Iterator[Section]:
    for section in sections:
        if section.id != patch.replaces:
            yield section
        if section.id in {patch.replaces, patch.after}:
            yield from patch.sections
