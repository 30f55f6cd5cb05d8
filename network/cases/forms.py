"""What the forms of the cases room hold: what was typed, and what to do about it when it fails."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from flask import request
from flask_babel import lazy_gettext as _l

from network.cases.domain import (
    CannotStrip,
    KindRefused,
    LastReader,
    NobodyToReceive,
    NotProvenYet,
    TooLarge,
    TooMuch,
)
from network.kernel.errors import BadInput, NotAllowed, NotVisible, Refused, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import PersonId
from network.vetting.domain.gate import NotCleared

Choice = TypeVar("Choice", bound=StrEnum)
REASONS = {
    ("text", "empty"): _l("Write something, or choose a file."),
    ("text", "too_long"): _l("That is too long for one message. Send it in parts."),
    ("note", "empty"): _l("Write the note first."),
    ("note", "too_long"): _l("That is too long for one note. Write it in parts."),
    ("brief", "empty"): _l("Write what somebody must know before they say yes. No names."),
    ("brief", "too_long"): _l("That is too long. A few sentences are enough."),
    ("need", "empty"): _l("Write in a few words what is needed."),
    ("need", "too_long"): _l("That is too long. A few words are enough."),
    ("urgency", "choose"): _l("Choose how soon."),
    ("zone", "choose"): _l("Choose one of these places."),
    ("zone", "no_such_place"): _l("No place has that name. Look for a larger town nearby."),
    ("to", "choose"): _l("Choose who is asked."),
    ("to", "empty"): _l("Choose who is asked."),
    ("to", "too_many"): _l("That is too many. Ask a few people at a time."),
    ("with", "choose"): _l("Choose a person."),
    ("form", "yourself"): _l("You cannot leave yourself out. Hand it over, or give up your key."),
    ("form", "not_a_holder"): _l("They can no longer open it."),
    ("to", "not_a_coordinator"): _l("Only somebody from coordination can take it over."),
    ("to", "not_available"): _l("One of them can no longer be asked, or can open it already."),
    ("with", "not_available"): _l("That person cannot be given a key now."),
    ("outcome", "choose"): _l("Choose how it ended."),
    ("why", "empty"): _l("Say in a word why it is still needed."),
    ("why", "too_long"): _l("A few words are enough."),
    ("why", "not_a_holder"): _l("They can no longer open it."),
    ("most", "most_shape"): _l("Write a number greater than what is allowed now."),
    ("reason", "reason_shape"): _l("Write why, in up to a thousand letters."),
    ("text", "leak_shape"): _l("Paste the text that got out, up to eight thousand letters."),
    ("file", "gone"): _l("The file did not arrive whole. Choose it again."),
}
BY_REASON = {
    "empty": _l("This is empty. Write something."),
    "too_long": _l("That is too long."),
}
FILES: dict[type[Refused], object] = {
    TooLarge: _l("The file is larger than 20 MB. Choose a smaller one."),
    KindRefused: _l("Files of this kind cannot be sent. Photos, audio, PDF and plain text can."),
    CannotStrip: _l(
        "The file could not be cleaned of hidden details, so it was not kept. Choose another one."
    ),
}
OTHERS: dict[type[Refused], object] = {
    LastReader: _l("You are the last one who can open this. Share it with somebody first."),
    NotProvenYet: _l("An entry can be proved from the day after it was written."),
    NobodyToReceive: _l("Nobody else could open it then. Share it with somebody first."),
    TooMuch: _l("They hold as much as one account may. Two from coordination can raise it."),
    WrongMoment: _l("Something changed meanwhile. Look again before you go on."),
    NotCleared: _l(
        "As far as they have come in the network, they cannot be given this. Choose somebody else."
    ),
}
UNUSABLE = _l("Something in the form cannot be used.")
PLACES_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Problem:
    """Which field is wrong and what to do, in one sentence; `form` is the whole of it."""

    field: str
    sentence: str
    status: int = 400


@dataclass(frozen=True, slots=True)
class Form:
    """A form as it is shown: empty, or as it was sent, with what is wrong with it."""

    typed: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    problem: Problem | None = None

    def one(self, name: str) -> str:
        """What was typed in a field."""
        return next(iter(self.typed.get(name, ())), "")

    def all(self, name: str) -> tuple[str, ...]:
        """Everything that was chosen in a field."""
        return self.typed.get(name, ())

    def trouble(self, name: str) -> str:
        """The sentence next to a field; empty when nothing is wrong with it."""
        return self.problem.sentence if self.problem and self.problem.field == name else ""

    def failed(self, refusal: Refused, **ours: str) -> "Form":
        """The same form with the reason next to its field; what no form can mend is raised on.

        `ours` says which field of the page a service's field is.
        """
        if isinstance(refusal, BadInput):
            refusal = BadInput(ours.get(refusal.field, refusal.field), refusal.reason)
        return replace(self, problem=problem_of(refusal))

    def text(self, name: str) -> Plaintext:
        """The words of a field, wrapped."""
        return Plaintext(self.one(name))

    def choice(self, name: str, kind: type[Choice]) -> Choice:
        """One of a few, or BadInput."""
        try:
            return kind(self.one(name))
        except ValueError:
            raise BadInput(name, "choose") from None

    def person(self, name: str) -> PersonId:
        """One member, or BadInput."""
        return _person(name, self.one(name))

    def people(self, name: str) -> tuple[PersonId, ...]:
        """The members chosen, or BadInput."""
        return tuple(_person(name, each) for each in self.all(name))


def sent(*names: str) -> Form:
    """What this request's form says in these fields, and nothing else of it."""
    return Form({name: tuple(request.form.getlist(name)) for name in names})


def filled(**values: str) -> Form:
    """A form that already says something."""
    return Form({name: (value,) for name, value in values.items()})


def problem_of(refusal: Refused) -> Problem:
    """The sentence for a refusal that a form can be mended after."""
    match refusal:
        case NotVisible() | NotAllowed():
            raise refusal
        case BadInput(field=name, reason=reason):
            return Problem(name, str(REASONS.get((name, reason), BY_REASON.get(reason, UNUSABLE))))
        case TooLarge() | KindRefused() | CannotStrip():
            return Problem("file", str(FILES[type(refusal)]))
        case (
            LastReader()
            | NobodyToReceive()
            | NotProvenYet()
            | TooMuch()
            | WrongMoment()
            | NotCleared()
        ):
            return Problem("form", str(OTHERS[type(refusal)]), 409)
        case _:
            raise refusal


def _person(name: str, raw: str) -> PersonId:
    try:
        return PersonId(UUID(raw))
    except ValueError:
        raise BadInput(name, "choose") from None
