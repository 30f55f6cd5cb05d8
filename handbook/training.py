"""Questions for those who want to help: what they should be able to answer after a chapter."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from handbook.toml import parsed

FEWEST_QUESTIONS, MOST_QUESTIONS = 5, 8


@dataclass(frozen=True, slots=True)
class Question:
    """One question, its choices by letter, the right one, why, and the section it rests on."""

    section: str
    ask: Mapping[str, str]
    choices: Mapping[str, Mapping[str, str]]
    right: str
    why: Mapping[str, str]

    @property
    def sayings(self) -> tuple[Mapping[str, str], ...]:
        """Everything a reader sees, in each language."""
        return (self.ask, *self.choices.values(), self.why)


def read_training(home: Path) -> dict[str, tuple[Question, ...]]:
    """The questions of each chapter that has some, by its slug."""
    return {
        path.stem: tuple(_question(data) for data in _read(path)["question"])
        for path in sorted((home / "questions").glob("*.toml"))
    }


def _read(path: Path) -> dict[str, Any]:
    return parsed(path.read_text("utf-8"))


def _question(data: Mapping[str, Any]) -> Question:
    return Question(data["section"], data["ask"], data["choices"], data["right"], data["why"])
