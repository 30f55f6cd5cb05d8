"""What docs/asvs.md says of each control can be looked up: each stands once, each test is there."""

import re
from collections import Counter
from pathlib import Path

from tests.architecture.tree import ROOT

PAGE = ROOT / "docs" / "asvs.md"
LINE = re.compile(r"^\| (\d+\.\d+\.\d+) .+ \| (met|not met|n/a) \| (.+) \|$")
NAMED = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
# How many controls of level 2 each chapter of version 4.0.3 has.
OF_CHAPTER = dict(enumerate((38, 53, 18, 9, 30, 13, 12, 15, 7, 5, 8, 15, 13, 23), start=1))


def lines() -> list[tuple[str, str, str]]:
    found = (LINE.match(line) for line in PAGE.read_text(encoding="utf-8").splitlines())
    return [(match[1], match[2], match[3]) for match in found if match]


def test_each_control_stands_there_once() -> None:
    numbers = [number for number, _, _ in lines()]
    assert [number for number, times in Counter(numbers).items() if times > 1] == []
    assert Counter(int(number.partition(".")[0]) for number in numbers) == OF_CHAPTER


def test_each_named_test_is_there() -> None:
    named = {found for _, _, where in lines() for found in NAMED.findall(where)}
    gone = [
        f"{path}::{name}"
        for path, name in sorted(named)
        if not _holds(ROOT / "tests" / path, f"def {name}(")
    ]
    assert len(named) > 80
    assert gone == []


def test_what_is_said_in_sum_is_what_is_said_in_the_lines() -> None:
    said = Counter(state for _, state, _ in lines())
    text = PAGE.read_text(encoding="utf-8")
    assert f"{said['met']} met, {said['not met']} not met, {said['n/a']} n/a" in text


def _holds(path: Path, words: str) -> bool:
    return path.is_file() and words in path.read_text(encoding="utf-8")
