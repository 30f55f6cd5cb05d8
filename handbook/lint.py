"""What is wrong with the handbook, file and line; an empty list is a handbook fit to serve."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path

from config.country import Pack
from handbook.cards import LONGEST
from handbook.chapter import (
    CHANGES,
    CORRECTIONS,
    NOW,
    SAY,
    SOURCES,
    WORKSHEETS,
    BadHandbook,
    Chapter,
    Section,
    read_chapter,
)
from handbook.country import laid_over, name_of
from handbook.library import COUNTRIES, HERE, Library, read_library
from handbook.lint_shown import glossary, hard, pictures
from handbook.problems import Problem, facts_of, forbidden, target_exists
from handbook.reading import count
from handbook.standing import OF_TREES, is_fresh
from handbook.toml import parsed
from handbook.training import (
    FEWEST_QUESTIONS,
    MOST_QUESTIONS,
    Question,
    read_training,
)
from handbook.tree import Step, Tree
from handbook.wording import DEFAULT, LANGUAGES, WORDING

FEWEST_WORDS, MOST_WORDS = 900, 2500
MOST_STEPS_NOW = 5
Bones = tuple[str, frozenset[int], frozenset[str], tuple[str, ...]]
BARE_NUMBER = re.compile(r"(?<![\d:.,/-])(?:911|089|088|\d{2,3}(?:[ -]\d{2,4}){2,3})(?![\d,.]*\d)")
MARKED_NUMBER = re.compile(r"\[tel:[0-9 ]+\]")
Trouble = tuple[str, str, str, str]
NOT_REVIEWED = {
    "gone": "was reviewed, and is not there any more",
    "changed": "is worded otherwise than when it was reviewed",
    "lapsed": "was reviewed more than six months ago",
}


def check(
    home: Path = HERE,
    *,
    pack: Pack | None = None,
    today: date | None = None,
    reviews: Sequence[Trouble] = (),
    countries: Path = COUNTRIES,
) -> list[Problem]:
    """Every problem of the handbook in that folder, alone and under what each country lays over it.

    With a country pack, also of its directory; its dates as of `today`. `reviews` are those of a
    network that do not count any more: chapter, language, section and why in a word.
    """
    packs = sorted(path for path in countries.glob("*/handbook") if path.is_dir())
    found: list[Problem] = []
    for over in (None, *packs):
        found += list(_unreadable(home, over)) or list(_readable(home, over))
    if not found:
        library = read_library(home)
        for path in sorted(countries.glob("*/directory.toml")):
            found += _lines(path, library)
        found += _reviews(reviews, library)
        found += _directory(home, pack, today) if pack is not None else ()
    return sorted(set(found))


def _lines(path: Path, library: Library) -> Iterator[Problem]:
    """Each telephone line rests on facts there are, and says in which month it was seen."""
    file = f"{path.parent.name}/{path.name}"
    lines = path.read_text("utf-8").splitlines()
    for line in tomllib.loads("\n".join(lines))["line"]:
        where = next((n for n, text in enumerate(lines, 1) if text == f'id = "{line["id"]}"'), 1)
        claims = (
            (set(line["facts"]) <= library.facts.keys(), "cites a fact there is not"),
            (bool(re.fullmatch(r"20\d\d(-\d\d)?", line["seen"])), "seen is a month: 2025-09"),
        )
        for holds, what in claims:
            if not holds:
                yield Problem(file, where, f"{line['id']}: {what}")


def _reviews(troubles: Sequence[Trouble], library: Library) -> Iterator[Problem]:
    """The label is back, and somebody thinks it is not."""
    for slug, language, section, why in troubles:
        chapter = library.chapters.get((slug, language))
        file = chapter.file if chapter is not None else f"{slug.removeprefix(OF_TREES)}.toml"
        found = chapter.sections if chapter is not None else ()
        line = next((one.line for one in found if one.id == section), 1)
        yield Problem(file, line, f"#{section}: {NOT_REVIEWED[why]} ({language})")


def _directory(home: Path, pack: Pack, today: date | None) -> Iterator[Problem]:
    """Every number can be tested, and no date of the pack vouches for what it does not know."""
    known = {line.number for line in pack.directory}
    for path in _sources_of(home):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
            for unknown in {one[5:-1] for one in MARKED_NUMBER.findall(line)} - known:
                yield Problem(path.name, number, f"{unknown}: no line of the directory has it")
    for entry in pack.directory:
        day = entry.last_dialled
        if today is None or day is None or is_fresh(day, on=today):
            continue
        what = "is in the future" if day > today else "is over 90 days old: dial, or take it out"
        yield Problem("directory.toml", 1, f"{entry.id}: last_dialled {what}")


def _sources_of(home: Path) -> tuple[Path, ...]:
    return (*(home / "chapters").glob("*.md"), *(home / "trees").glob("*.toml"))


def _readable(home: Path, over: Path | None) -> Iterator[Problem]:
    library = read_library(home, over=over)
    for chapter in library.chapters.values():
        yield from _chapter(chapter, library)
    for tree in library.trees.values():
        yield from _tree(tree, library)
    yield from _sources(library)
    yield from _pairs(library)
    yield from _numbers(library)
    yield from _paths(library)
    yield from _training(read_training(home), library)
    yield from glossary(library)
    yield from pictures(library)
    yield from _files(home, home)
    if over:
        yield from _files(over, over.parent.parent)
        yield from _twice(home, over)


def _unreadable(home: Path, over: Path | None) -> Iterator[Problem]:
    for each in (home, over) if over else (home,):
        for path in sorted(each.glob("**/*.toml")):
            try:
                parsed(path.read_text("utf-8"))
            except tomllib.TOMLDecodeError as error:
                file = path.name if each is home else name_of(path, each)
                at = re.search(r"at line (\d+)", str(error))
                yield Problem(file, int(at[1]) if at else 1, str(error))
    chapters = []
    for path in sorted((home / "chapters").glob("*.md")):
        try:
            chapters.append(read_chapter(path))
        except BadHandbook as bad:
            yield Problem(bad.file, bad.line, bad.what)
    if over:
        try:
            laid_over(chapters, over, ())
        except BadHandbook as bad:
            yield Problem(bad.file, bad.line, bad.what)


def _twice(home: Path, over: Path) -> Iterator[Problem]:
    """What a pack adds has names of its own: to change what ours rests on is to change the rest."""
    for name in ("facts.toml", "glossary.toml", "worksheets.toml"):
        path = over / name
        if path.exists():
            ours, theirs = (_keys(each / name) for each in (home, over))
            for key in sorted(ours & theirs):
                yield Problem(name_of(path, over), _line(path, key), f"{key} is ours already")


def _keys(path: Path) -> set[str]:
    data = parsed(path.read_text("utf-8"))
    return set(data["facts"]) | set(data["sources"]) if "facts" in data else set(data)


def _line(path: Path, key: str) -> int:
    """The line of a file where a table of that name begins; the first if it is not to be seen."""
    lines = path.read_text("utf-8").splitlines()
    heads = (f"[{key}]", f"[facts.{key}]", f"[steps.{key}]", f"{key} =")
    return next((n for n, line in enumerate(lines, 1) if line.startswith(heads)), 1)


def _numbers(library: Library) -> Iterator[Problem]:
    """No two chapters of a language have one number."""
    for language in LANGUAGES:
        chapters = library.in_order(language)
        for first, second in pairwise(chapters):
            if first.number == second.number:
                yield Problem(second.file, 1, f"number {second.number} is {first.slug} already")


def _chapter(chapter: Chapter, library: Library) -> Iterator[Problem]:
    yield from _front(chapter, library)
    yield from _shape(chapter)
    yield from _length(chapter, library)
    yield from _level(chapter)
    for section in chapter.sections:
        for what in (*_section(section, library), *forbidden(section.blocks, chapter.language)):
            yield Problem(section.file, section.line, f"#{section.id}: {what}")


def _front(chapter: Chapter, library: Library) -> Iterator[Problem]:
    expected = f"{chapter.number:02}-{chapter.slug}.{chapter.language}.md"
    cited = {fact for section in chapter.sections for fact in section.facts}
    harm = frozenset[int]().union(*(section.harm for section in chapter.sections))
    trees = {slug for slug, _ in library.trees}
    claims = (
        (Path(chapter.file).name == expected, f"the file should be called {expected}"),
        (set(chapter.facts) == cited, _differ("facts", set(chapter.facts), cited)),
        (chapter.harm == harm, _differ("harm", set(chapter.harm), set(harm))),
        (set(chapter.worksheets) <= library.worksheets.keys(), "a worksheet does not exist"),
        (set(chapter.trees) <= trees, "a tree does not exist"),
        ((chapter.translation_of == "") == (chapter.language == "es"), "translation_of is odd"),
    )
    for holds, what in claims:
        if not holds:
            yield Problem(chapter.file, 1, what)


def _differ(name: str, front: set[int] | set[str], text: set[int] | set[str]) -> str:
    odd = ", ".join(sorted(map(str, front ^ text)))
    return f"front matter and sections disagree about {name}: {odd}"


def _shape(chapter: Chapter) -> Iterator[Problem]:
    ids = [section.id for section in chapter.sections]
    twice = [name for name, times in Counter(ids).items() if times > 1]
    now = [block for block in chapter.sections[0].blocks if re.match(r"\d+\. ", block)]
    claims = (
        (not twice, f"section ids used twice: {', '.join(twice)}"),
        (ids[0] == NOW, f"the first section must be #{NOW}"),
        (ids[-3:] == [SAY, CHANGES, CORRECTIONS], f"must end: #{SAY}, #{CHANGES}, #{CORRECTIONS}"),
        (not {WORKSHEETS, SOURCES} & set(ids), f"#{WORKSHEETS} and #{SOURCES} write themselves"),
        (0 < len(now) <= MOST_STEPS_NOW, f"#{NOW} must have one to {MOST_STEPS_NOW} steps"),
    )
    for holds, what in claims:
        if not holds:
            yield Problem(chapter.file, chapter.sections[0].line, what)


def _length(chapter: Chapter, library: Library) -> Iterator[Problem]:
    blocks = [block for section in chapter.sections for block in section.blocks]
    words = count(blocks, language=chapter.language).words
    if chapter.language == "es" and not FEWEST_WORDS <= words <= MOST_WORDS:
        yield Problem(chapter.file, 1, f"{words} words; between {FEWEST_WORDS} and {MOST_WORDS}")
    for card in library.cards(chapter.slug, chapter.language):
        if len(card.text) > LONGEST:
            yield Problem(chapter.file, 1, f"#{card.section}: a card is longer than {LONGEST}")


def _level(chapter: Chapter) -> Iterator[Problem]:
    """The chapter as a whole; a single section may stand a little above its floor."""
    blocks = [block for section in chapter.sections for block in (section.title, *section.blocks)]
    yield from hard(chapter.file, 1, blocks, chapter.language)


def _section(section: Section, library: Library) -> Iterator[str]:
    yield from facts_of(section.facts, section.harm, library)
    for link in section.links:
        if not target_exists(link, library):
            yield f"link to nowhere: {link}"


def _tree(tree: Tree, library: Library) -> Iterator[Problem]:
    file = f"{tree.slug}.toml"
    reached = {tree.start} | {c.to for step in tree.steps.values() for c in step.choices}
    for lost in reached ^ tree.steps.keys():
        yield Problem(file, 1, f"{lost}: leads nowhere or is never reached")
    for step in tree.steps.values():
        words = tuple(card.text for card in step.cards)
        for what in (*_step(step, library), *forbidden(words, tree.language)):
            yield Problem(file, 1, f"{step.id}: {what}")


def _step(step: Step, library: Library) -> Iterator[str]:
    yield from facts_of(step.facts, step.harm, library)
    for onward in step.onward:
        if not target_exists(onward.target, library):
            yield f"link to nowhere: {onward.target}"
    if step.ends and not step.onward:
        yield "ends without a way forward"


def _sources(library: Library) -> Iterator[Problem]:
    for fact in library.facts.values():
        if fact.confidence not in WORDING[DEFAULT].surely:
            yield Problem("facts.toml", 1, f"{fact.id}: confidence is one of A, B, C, U")
        elif not fact.sources and fact.confidence != "U":
            yield Problem("facts.toml", 1, f"{fact.id}: no source, so its confidence is U")


def _pairs(library: Library) -> Iterator[Problem]:
    """Every chapter exists in every language, with the same sections, marks and facts."""
    for slug in {slug for slug, _ in library.chapters}:
        found = [library.chapters.get((slug, language)) for language in LANGUAGES]
        chapters = [chapter for chapter in found if chapter is not None]
        if len(chapters) < len(LANGUAGES):
            yield Problem(chapters[0].file, 1, "exists in one language only")
            continue
        first, second = (_skeleton(chapter) for chapter in chapters)
        for one, other in zip(first, second, strict=False):
            if one != other:
                line = chapters[1].section(other[0]).line
                file = chapters[1].section(other[0]).file
                yield Problem(file, line, f"#{other[0]} differs from #{one[0]} in es")
        if len(first) != len(second):
            yield Problem(chapters[1].file, 1, "has another number of sections than es")


def _skeleton(
    chapter: Chapter,
) -> list[Bones]:
    return [(s.id, s.harm, frozenset(s.facts), s.links) for s in chapter.sections]


def _paths(library: Library) -> Iterator[Problem]:
    for path in library.paths.values():
        if path.target and not target_exists(path.target, library):
            yield Problem("paths.toml", 1, f"{path.situation} leads nowhere: {path.target}")


def _training(training: dict[str, tuple[Question, ...]], library: Library) -> Iterator[Problem]:
    for slug, questions in training.items():
        if not FEWEST_QUESTIONS <= len(questions) <= MOST_QUESTIONS:
            yield Problem(
                f"{slug}.toml", 1, f"between {FEWEST_QUESTIONS} and {MOST_QUESTIONS} questions"
            )
        for number, question in enumerate(questions, start=1):
            for what in _question(slug, question, library):
                yield Problem(f"{slug}.toml", 1, f"question {number}: {what}")


def _question(slug: str, question: Question, library: Library) -> Iterator[str]:
    if not target_exists(f"{slug}#{question.section}", library):
        yield f"rests on nothing: {slug}#{question.section}"
    if question.right not in question.choices:
        yield f"the right one is not among the choices: {question.right}"
    for saying in question.sayings:
        if saying.keys() != set(LANGUAGES):
            yield f"must be said in {', '.join(LANGUAGES)}"
        for language in saying.keys() & set(LANGUAGES):
            yield from forbidden((saying[language],), language)


def _files(home: Path, named_from: Path) -> Iterator[Problem]:
    """Telephone numbers stand only inside [tel:…]; the limits line is added for everybody."""
    for path in (*home.glob("*/*.md"), *(home / "trees").glob("*.toml")):
        file = path.name if named_from == home else path.relative_to(named_from).as_posix()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
            bare = BARE_NUMBER.search(MARKED_NUMBER.sub("", line))
            if bare and not line.startswith(("facts =", "harm =", "#", "{#", "updated =")):
                yield Problem(file, number, f"{bare[0]}: write numbers as [tel:{bare[0]}]")
            for wording in WORDING.values():
                if wording.under_review in line:
                    yield Problem(file, number, "the review label writes itself from harm=")
