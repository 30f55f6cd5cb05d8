"""The list of everyday questions, and how often the section that answers is near the top."""

import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path

QUESTIONS = Path(__file__).parent / "questions.toml"
ENOUGH = 0.9
FIRST = 3

Finds = Callable[[str], Iterable[str]]


def questions() -> dict[str, list[str]]:
    """Each question with the sections that answer it, as `chapter#section`."""
    groups = tomllib.loads(QUESTIONS.read_text("utf-8"))
    return {asked: answers for group in groups.values() for asked, answers in group.items()}


def answered(finds: Finds, *, by: str) -> float:
    """The share of questions answered among the first three; prints those that are not."""
    missed: list[str] = []
    for asked, answers in questions().items():
        found = list(finds(asked))[:FIRST]
        if not set(found) & set(answers):
            missed.append(f"  «{asked}»: wanted {' or '.join(answers)}, found {', '.join(found)}")
    share = 1 - len(missed) / len(questions())
    tell(f"{by}: {share:.1%} of {len(questions())} questions in the first three", *missed)
    return share


def tell(*lines: str) -> None:
    """Print figures for who runs this with `-s`."""
    print("", *lines, sep="\n")  # noqa: T201  what was measured is half of what is shown
