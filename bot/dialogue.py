"""The steps of a talk as data, and where a talk stands. Pure."""

import json
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Self

from network.kernel.hidden import Plaintext
from network.kernel.words import N_


class Step(StrEnum):
    """The question that waits for an answer."""

    SAFE = "safe"
    WHERE = "where"
    SINCE = "since"
    WHAT = "what"
    WORD = "word"
    ERASE = "erase"
    TRIP_TO = "trip_to"
    TRIP_BACK = "trip_back"
    HELP_CALLED = "help_called"
    HELP_PLACE = "help_place"
    HELP_REACH = "help_reach"
    HELP_WHY = "help_why"
    HELP_WORK = "help_work"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, the answers a button gives, and what the answer is called in the room."""

    step: Step
    ask: str
    label: str
    choices: tuple[str, ...] = ()


QUESTIONS = (
    Question(
        Step.SAFE,
        N_(
            "A person will read what you write from here on. Telegram can read it too, and whoever"
            " holds this phone. You may skip any question.\n\nWho can see this phone?"
        ),
        N_("Who can see this phone"),
        (N_("Only I"), N_("People I trust"), N_("I am not sure"), N_("Somebody I fear")),
    ),
    Question(
        Step.WHERE,
        N_("In which state or city is this happening? Do not write an address."),
        N_("Where"),
    ),
    Question(
        Step.SINCE,
        N_("Since when?"),
        N_("Since when"),
        (N_("Right now"), N_("Since today"), N_("Since yesterday"), N_("Several days")),
    ),
    Question(
        Step.WHAT,
        N_("What is happening? A few words are enough. You can send a voice note."),
        N_("What is happening"),
    ),
)
BY_STEP = {question.step: question for question in QUESTIONS}


@dataclass(frozen=True, slots=True)
class Talk:
    """Where the talk with one chat stands. At its beginning nothing is written down."""

    step: Step | None = None
    situation: str = ""
    language: str = ""
    draft: str = field(default="", repr=False)  # where a trip goes, until its return is known

    @classmethod
    def read(cls, text: Plaintext | None) -> Self:
        """As `write` left it."""
        if text is None:
            return cls()
        found = json.loads(text.reveal())
        step = found.get("step")
        return cls(
            Step(step) if step else None,
            found.get("situation", ""),
            found.get("language", ""),
            found.get("draft", ""),
        )

    def write(self) -> Plaintext | None:
        """As text; None at its beginning."""
        found = {
            name: value
            for name, value in (
                ("step", self.step.value if self.step else ""),
                ("situation", self.situation),
                ("language", self.language),
                ("draft", self.draft),
            )
            if value
        }
        return Plaintext(json.dumps(found, separators=(",", ":"))) if found else None

    def begun(self, situation: str) -> "Talk":
        """Somebody asks for a person: the first question waits."""
        return replace(self, step=QUESTIONS[0].step, situation=situation)

    def answered(self) -> "Talk":
        """The question that waited has its answer, or was skipped: the next one waits."""
        steps = list(BY_STEP)
        follows = steps.index(self.step) + 1 if self.step in steps else len(steps)
        return replace(self, step=steps[follows] if follows < len(steps) else None)

    def ended(self) -> "Talk":
        """No question waits."""
        return replace(self, step=None)

    def cleared(self) -> "Talk":
        """At its beginning again, but for the language."""
        return Talk(language=self.language)

    def speaking(self, language: str) -> "Talk":
        """From now on in this language."""
        return replace(self, language=language)

    @property
    def question(self) -> Question | None:
        """The question of the intake that waits, if one does."""
        return BY_STEP.get(self.step) if self.step else None
