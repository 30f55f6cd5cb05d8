"""The linter is the net under whoever edits: each mistake is named with its file and line."""

import re
from pathlib import Path

import pytest

from handbook.library import HERE
from handbook.lint import check
from tests.handbook.conftest import Spoil

FIRST = "chapters/01-primeras-horas.es.md"
SECOND = "chapters/02-llamada-virtual.en.md"
BOARD = "boards/llamada-virtual.toml"
TRAINING = "questions/acompanar.toml"


@pytest.mark.parametrize(
    ("file", "before", "after", "what"),
    [
        (FIRST, '{#telefono harm="9"}', "{#telefono}", "cites F-82, so it must be marked"),
        (FIRST, '{#telefono harm="9"}', '{#telefono harm="10"}', "differs from #telefono"),
        (FIRST, "[F-05]", "[F-999]", "no fact F-999"),
        (FIRST, "(llamada-virtual)", "(llamada-irreal)", "link to nowhere: llamada-irreal"),
        (FIRST, "(arbol:report-or-not)", "(arbol:nada)", "link to nowhere: arbol:nada"),
        (FIRST, "No tienes que resolver", "No pagues. No tienes que", "«pagues»"),
        (FIRST, "No tienes que resolver", "Ofrece el 10 % de", "gives an amount"),
        (FIRST, "[tel:911] si hay", "911 si hay", "write numbers as [tel:911]"),
        (FIRST, "No tienes que", "Llama al 55 1234 5678. No", "write numbers as [tel:55 1234"),
        (FIRST, '"F-01", ', "", "disagree about facts: F-01"),
        (FIRST, "harm = [1, 2,", "harm = [2,", "disagree about harm: 1"),
        (FIRST, 'worksheets = ["W1"', 'worksheets = ["W99"', "a worksheet does not exist"),
        (FIRST, "number = 1", "number = 9", "should be called 09-primeras-horas.es.md"),
        (FIRST, "updated = 2026", "updates = 2026", "missing or unknown: updated, updates"),
        (FIRST, "{#cuaderno}\n", "", "a heading needs an id"),
        (FIRST, "5. **Avisa**", "5. **Respira**.\n6. **Avisa**", "one to 5 steps"),
        (FIRST, "{#dilo ", "{#dilo-asi ", "must end: #dilo"),
        (SECOND, "{#ia ", "{#ai ", "#ai differs from #ia"),
        ("trees/virtual-call.toml", 'to = "buscar"', 'to = "busca"', "busca: leads nowhere"),
        ("trees/virtual-call.toml", "harm = [5]", "harm = []", "must be marked harm=[5]"),
        (TRAINING, 'section = "nunca"', 'section = "s"', "rests on nothing: acompanar#s"),
        (TRAINING, 'right = "b"', 'right = "z"', "not among the choices: z"),
        (TRAINING, '{ es = "La llevo', '{ fr = "Oui", es = "La llevo', "must be said in es, en"),
        (TRAINING, "La llevo,", "Que paguen,", "«paguen»"),
        ("glossary.toml", '"F-61"', '"F-999"', "amparo: no fact F-999"),
        ("glossary.toml", "harm = [4]", "harm = []", "amparo: cites F-61, so it must be marked"),
        ("glossary.toml", 'es = "CEAV"', 'es = "CEAVX"', "ceav: no chapter uses it in es"),
        ("glossary.toml", "con amenazas, a dar", "para que paguen, a dar", "extorsion: «paguen»"),
        ("glossary.toml", "algo.", "algo", "extorsion: is not explained in a sentence"),
        (BOARD, 'rests = "ia"', 'rests = "ai"', "picture 6: rests on nothing: llamada-virtual#ai"),
        (BOARD, "step = 4", "step = 6", "picture 7: #ahora has no step 6"),
        (BOARD, "person 58 134", "persona 58 134", "picture 2: cannot be drawn: persona 58 134"),
        (BOARD, "(arbol:virtual-call)", "(arbol:x)", "picture 8: link to nowhere: arbol:x"),
        (
            BOARD,
            'alt.en = "A phone',
            'alt.en = "" #',
            "picture 6: does not say what it shows in en",
        ),
        (BOARD, "Respira.", "Respira. " * 30, "picture 1: its line is longer than 160"),
        (FIRST, "updated = 2026-11-21", 'updated = "hoy"', "updated must be a date"),
        (FIRST, 'language = "es"', 'language = "fr"', "no language fr"),
        (FIRST, "+++\nnumber", "number", "between two lines of +++"),
        (
            FIRST,
            "¿Avisar a la autoridad?",
            "¿Consejo en revisión por personas especialistas?",
            "writes",
        ),
        ("paths.toml", '"primeras-horas"\n', '"x"\nmeanwhile = "y"\n', "taken leads nowhere: y"),
    ],
)
def test_a_mistake_is_named(spoil: Spoil, file: str, before: str, after: str, what: str) -> None:
    told = [str(problem) for problem in spoil(file, before, after)]
    assert any(what in line for line in told), told
    assert all(re.match(r"[\w.-]+:\d+: ", line) for line in told)


def test_front_matter_is_told_by_its_line(spoil: Spoil) -> None:
    problems = spoil(FIRST, "updated = 2026-11-21", 'updated = "hoy"')
    lines = (HERE / FIRST).read_text("utf-8").splitlines()
    assert lines[problems[0].line - 1].startswith("updated")


@pytest.mark.parametrize(("words", "what"), [(200, "words; between 900 and 2500"), (9000, "words")])
def test_too_short_and_too_long_are_told(spoil: Spoil, words: int, what: str) -> None:
    text = (HERE / FIRST).read_text("utf-8")
    body = text[text.index("{#respira") : text.index("{#dilo")]
    easy = "Un texto va. " * (words // 3)
    problems = spoil(FIRST, body, '{#respira harm="6"}\n## Respira\n\n' + easy + "\n\n")
    assert any(what in problem.what for problem in problems)


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("boards/primeras-horas.toml", "clock 262 128", "dragon 1 2"),
        ("glossary.toml", '"F-61"', '"F-999"'),
    ],
)
def test_words_and_pictures_are_told_by_the_line_they_begin_on(
    spoil: Spoil, file: str, before: str, after: str
) -> None:
    lines = (HERE / file).read_text("utf-8").splitlines()
    at = next(number for number, line in enumerate(lines) if before in line)
    begins = max(number for number, line in enumerate(lines[:at], 1) if line.startswith("["))
    told = spoil(file, before, after)
    assert {problem.line for problem in told if problem.file in file} == {begins}


def test_a_missing_translation_is_told(spoil: Spoil, tmp_path: Path) -> None:
    (tmp_path / "handbook" / SECOND).unlink()
    told = spoil(FIRST, "No tienes que", "No tienes que")
    assert any("exists in one language only" in problem.what for problem in told)


DIRECTORY = """
[[line]]
id = "911"
name = "911"
number = "911"
channel = "call"
use = { es = "Ayuda.", en = "Help." }
facts = ["F-90"]
sources = ["S31"]
seen = "2025-09"
last_dialled = 2026-11-20
"""


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ("F-90", "F-999", "xx/directory.toml:3: 911: cites a fact there is not"),
        ("2025-09", "ayer", "xx/directory.toml:3: 911: seen is a month"),
    ],
)
def test_a_telephone_line_that_rests_on_nothing_is_told(
    tmp_path: Path, before: str, after: str, what: str
) -> None:
    pack = tmp_path / "xx"
    pack.mkdir()
    (pack / "directory.toml").write_text(DIRECTORY)
    assert check(countries=tmp_path) == []
    (pack / "directory.toml").write_text(DIRECTORY.replace(before, after))
    told = [str(problem) for problem in check(countries=tmp_path)]
    assert [line for line in told if line.startswith(what)] == told


def test_the_line_is_the_line_of_the_heading(spoil: Spoil) -> None:
    problems = spoil(FIRST, '{#telefono harm="9"}', "{#telefono}")
    unlabelled = next(p for p in problems if "must be marked" in p.what)
    lines = (HERE / FIRST).read_text("utf-8").splitlines()
    assert lines[unlabelled.line - 1].startswith("## El teléfono")


def test_a_sentence_too_hard_is_told(spoil: Spoil) -> None:
    hard = "Procedimentalización institucionalizada interdisciplinariamente " * 90
    problems = spoil(FIRST, "No tienes que resolver todo ahora.", hard)
    assert any("hard to read: INFLESZ" in problem.what for problem in problems)


def test_an_unreadable_file_is_told_and_not_raised(spoil: Spoil) -> None:
    problems = spoil("facts.toml", "[sources]", "[sources")
    assert [problem.file for problem in problems] == ["facts.toml"]


def test_no_label_is_typed_by_hand() -> None:
    for path in Path(HERE / "chapters").glob("*.md"):
        assert "en revisión por" not in path.read_text("utf-8")
