"""The directory a family reads is the country pack's: every line of it, and not one number more."""

import csv
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from handbook.chapter import Section
from handbook.library import HERE, Library
from handbook.wording import LANGUAGES, WORDING

PACK = Path(__file__).parents[2] / "config" / "countries" / "mx"
LINES: list[dict[str, Any]] = tomllib.loads((PACK / "directory.toml").read_text("utf-8"))["line"]
# Shown where the chapter about searching needs them; the national list holds what is better known.
ELSEWHERE = {"policia-cibernetica", "socorrobot"}
NATIONAL = [line for line in LINES if "state" not in line and line["id"] not in ELSEWHERE]
every_language = pytest.mark.parametrize("language", LANGUAGES)


def section(library: Library, name: str, language: str) -> Section:
    return library.chapter("derechos-y-directorio", language).section(name)


@every_language
def test_each_line_of_the_pack_is_shown_and_nobody_has_dialled_it(
    library: Library, language: str
) -> None:
    untested = WORDING[language].untested
    shown = [block for block in section(library, "directorio", language).blocks if "(" in block]
    assert len(shown) == len(NATIONAL)
    for line, block in zip(NATIONAL, shown, strict=True):
        assert f"{line['number']} ({untested})" in block
        if line["name"] != line["number"]:
            assert line["name"] in block


@every_language
def test_each_state_has_its_place_and_no_number_made_up_for_it(
    library: Library, language: str
) -> None:
    with (PACK / "areas.csv").open(encoding="utf-8") as areas:
        states = {row["state"] for row in csv.DictReader(areas)}
    frame = [block for block in section(library, "estados", language).blocks if "• " in block]
    assert {block[2:].partition(":")[0] for block in frame} == states
    untested = f"({WORDING[language].untested})"
    assert [block[2:].partition(":")[0] for block in frame if untested in block] == [
        "Ciudad de México"
    ]


def test_every_number_of_every_chapter_and_tree_is_a_line_somebody_can_test() -> None:
    known = {line["number"] for line in LINES}
    shown: set[str] = set()
    for path in (*(HERE / "chapters").glob("*.md"), *(HERE / "trees").glob("*.toml")):
        here = set(re.findall(r"\[tel:([0-9 ]+)\]", path.read_text("utf-8")))
        assert here <= known, path.name
        shown |= here
    assert shown == known
