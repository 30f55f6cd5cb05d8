"""A network lays its own chapters and sections over ours, in its pack, and copies nothing."""

import re
import shutil
from pathlib import Path

import pytest

from handbook.chapter import BadHandbook
from handbook.library import HERE, Library, load_library, read_library
from handbook.lint import check

SECTION = """+++
chapter = "{chapter}"
language = "{language}"
updated = 2026-12-01
{place}
+++

{{#{id} harm="9"}}
## {title}

{words} [F-900].
"""
FACTS = """
[sources]
S900 = { title = "Acta", publisher = "Red de prueba", date = "2026-11-30" }

[facts.F-900]
es = "En este lugar los radios llegan más lejos que el celular."
en = "Here radios reach further than mobiles."
sources = ["S900"]
confidence = "B"
harm = [9]
"""
WORDS = {"es": "Aquí hay radios. Úsenlos", "en": "There are radios here. Use them"}


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A made-up country, Terra, whose villages talk by radio."""
    pack = tmp_path / "countries" / "tt" / "handbook"
    for folder in ("chapters", "sections"):
        (pack / folder).mkdir(parents=True)
    (pack / "facts.toml").write_text(FACTS, "utf-8")
    for language in ("es", "en"):
        added = SECTION.format(
            chapter="primeras-horas",
            language=language,
            place='after = "telefono"',
            id="radio",
            title="Radio",
            words=WORDS[language],
        )
        (pack / "sections" / f"radio.{language}.md").write_text(added, "utf-8")
    return pack


def laid(pack: Path) -> Library:
    return read_library(HERE, over=pack)


def problems(pack: Path) -> list[str]:
    return [str(problem) for problem in check(countries=pack.parent.parent)]


def chapter(pack: Path, slug: str, *, number: int, replaces: str = "") -> None:
    """Chapter 2, copied under another name, or changed and put in its place."""
    for language in ("es", "en"):
        text = (HERE / "chapters" / f"02-llamada-virtual.{language}.md").read_text("utf-8")
        front = f'number = {number}\nslug = "{slug}"'
        if replaces:
            front += f'\nreplaces = "{replaces}"'
        text = text.replace('number = 2\nslug = "llamada-virtual"', front, 1)
        path = pack / "chapters" / f"{number:02}-{slug}.{language}.md"
        path.write_text(text.replace('public_title = "', 'public_title = "Terra: ', 1), "utf-8")


def test_a_section_stands_where_the_pack_says(pack: Path) -> None:
    assert problems(pack) == []
    ours, theirs = load_library().chapter("primeras-horas"), laid(pack).chapter("primeras-horas")
    ids = [section.id for section in theirs.sections]
    assert ids[ids.index("telefono") + 1] == "radio"
    assert [one for one in ids if one != "radio"] == [section.id for section in ours.sections]
    assert theirs.section("radio").under_review
    assert "F-900" in theirs.facts
    assert theirs.updated > ours.updated
    cards = laid(pack).cards("primeras-horas")
    assert any(card.section == "radio" for card in cards)


def test_a_section_is_replaced_and_the_rest_stays_ours(pack: Path) -> None:
    for language in ("es", "en"):
        path = pack / "sections" / f"radio.{language}.md"
        text = path.read_text("utf-8").replace('after = "telefono"', 'replaces = "cuaderno"')
        path.write_text(text.replace("{#radio", "{#cuaderno"), "utf-8")
    assert problems(pack) == []
    theirs = laid(pack).chapter("primeras-horas")
    assert WORDS["es"].split(".")[0] in theirs.section("cuaderno").blocks[0]
    assert theirs.section("telefono") == load_library().chapter("primeras-horas").section(
        "telefono"
    )


def test_a_chapter_is_added(pack: Path) -> None:
    chapter(pack, "radio-y-sierra", number=17)
    assert problems(pack) == []
    library = laid(pack)
    assert library.in_order("es")[-1].slug == "radio-y-sierra"
    assert len(library.chapters) == len(load_library().chapters) + 2


def test_a_chapter_is_replaced_where_it_says_so(pack: Path) -> None:
    chapter(pack, "llamada-virtual", number=2, replaces="llamada-virtual")
    assert problems(pack) == []
    assert laid(pack).chapter("llamada-virtual").public_title.startswith("Terra")
    assert len(laid(pack).chapters) == len(load_library().chapters)


@pytest.mark.parametrize(
    ("file", "before", "after", "what"),
    [
        (
            "sections/radio.es.md",
            'after = "telefono"',
            'after = "x"',
            "no section primeras-horas#x",
        ),
        ("sections/radio.es.md", "primeras-horas", "nada", "there is no chapter nada"),
        ("sections/radio.es.md", 'after = "telefono"', "", "one of replaces and after"),
        ("sections/radio.es.md", "after =", "replaces =", "begins with the section it replaces"),
        ("sections/radio.es.md", "[F-900]", "[F-901]", "#radio: no fact F-901"),
        ("sections/radio.es.md", ' harm="9"', "", "#radio: cites F-900, so it must be marked"),
        ("sections/radio.es.md", "Úsenlos", "No pagues", "#radio: «pagues»"),
        ("sections/radio.es.md", "Úsenlos", "Marquen 55 1234 5678", "write numbers as [tel:"),
        ("sections/radio.es.md", "Úsenlos", "[Vean](nada)", "#radio: link to nowhere: nada"),
        ("facts.toml", "F-900]", "F-41]", "F-41 is ours already"),
        ("facts.toml", 'confidence = "B"', 'confidence = "Z"', "confidence is one of"),
    ],
)
def test_the_same_check_reads_a_pack(
    pack: Path, file: str, before: str, after: str, what: str
) -> None:
    path = pack / file
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after), "utf-8")
    told = problems(pack)
    assert any(what in line for line in told), told
    assert all(re.match(r"[\w./-]+:\d+: ", line) for line in told)
    if file.endswith(".md"):
        assert any(line.startswith(f"tt/handbook/{file}:") for line in told), told


def test_a_chapter_that_hides_ours_without_saying_so_is_refused(pack: Path) -> None:
    chapter(pack, "llamada-virtual", number=2)
    assert any('write replaces = "llamada-virtual"' in line for line in problems(pack))
    with pytest.raises(BadHandbook):
        laid(pack)


def test_a_chapter_in_one_language_alone_is_told(pack: Path) -> None:
    chapter(pack, "radio-y-sierra", number=17)
    (pack / "chapters" / "17-radio-y-sierra.en.md").unlink()
    assert any("exists in one language only" in line for line in problems(pack))


def test_a_number_taken_is_told(pack: Path) -> None:
    chapter(pack, "radio-y-sierra", number=16)
    assert any("number 16 is " in line for line in problems(pack))


def test_without_a_pack_ours_is_as_it_was(pack: Path) -> None:
    shutil.rmtree(pack)
    assert problems(pack) == []
    assert load_library().chapter("primeras-horas").replaces == ""
