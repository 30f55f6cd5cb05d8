"""The path in: its steps, the moves between them, and what each lets somebody hold. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from network.kernel.actor import Role
from network.kernel.errors import BadInput, Refused, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import PersonId
from network.kernel.words import N_
from network.people.domain import Clearance, Level

MOST_WORDS = 4_000
MOST_ZONES = 12
REFERENCES = 2
REVIEW_SOON = timedelta(days=30)


class Step(StrEnum):
    """What comes next for somebody on the path."""

    IDENTITY = "identity"
    REFERENCES = "references"
    INTERESTS = "interests"
    INTERVIEW = "interview"
    TRAINING = "training"
    APPROVAL = "approval"
    PROBATION = "probation"
    MEMBER = "member"


class Course(StrEnum):
    """Whether the path goes on."""

    GOING = "going"
    PAUSED = "paused"
    REFUSED = "refused"


class Move(StrEnum):
    """What can be done about somebody on the path."""

    SEE = "see"  # somebody saw who they are; no document is kept
    REFER = "refer"
    DECLARE = "declare"
    MEET = "meet"
    TRAIN = "train"
    APPROVE = "approve"
    CONFIRM = "confirm"
    REVIEW = "review"
    PAUSE = "pause"
    RESUME = "resume"
    REFUSE = "refuse"
    REOPEN = "reopen"


class Reason(StrEnum):
    """Why the path ended: what the applicant is told."""

    FULL = "full"
    INTERESTS = "interests"
    REFERENCES = "references"
    NO_ANSWER = "no_answer"
    NOT_NOW = "not_now"


# The same words on the page and in the chat.
WHERE = {
    Step.IDENTITY: N_("We have it. Somebody of coordination will look for you to get to know you."),
    Step.REFERENCES: N_("We are asking two people about you."),
    Step.INTERESTS: N_(
        "We will talk about where you live and work, so as not to endanger anybody."
    ),
    Step.INTERVIEW: N_("What comes next is a talk."),
    Step.TRAINING: N_("What comes next is to read and answer the questions of these chapters."),
    Step.APPROVAL: N_("Two people of coordination are deciding. You need not do anything."),
    Step.PROBATION: N_(
        "You are inside, on probation: you accompany beside somebody with experience."
    ),
    Step.MEMBER: N_("You are inside."),
}
REASONS = {
    Reason.FULL: N_("We cannot receive more people now."),
    Reason.INTERESTS: N_("Something else you do and this do not go together."),
    Reason.REFERENCES: N_("We could not speak with two people who know you."),
    Reason.NO_ANSWER: N_("We looked for you and did not find you."),
    Reason.NOT_NOW: N_("We think that this is not the moment."),
}


class Tie(StrEnum):
    """An agency whose people are not told where its victims are. It is known to the pair alone."""

    POLICE = "police"
    PROSECUTION = "prosecution"
    FORCES = "forces"
    PRESS = "press"
    PARTY = "party"


@dataclass(frozen=True, slots=True)
class Interests:
    """Where somebody's own interests lie. The machine keeps the zones, the pair the rest."""

    ties: tuple[Tie, ...] = field(default=(), repr=False)
    zones: tuple[str, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        """A key is kept from somebody by place, so whoever has a tie has a place."""
        if self.ties and not self.zones:
            raise BadInput("zones", "tie_has_no_place")


@dataclass(frozen=True, slots=True)
class Stand:
    """Where somebody stands: the step that comes next, and whether the path goes on."""

    step: Step
    course: Course = Course.GOING


class NotYet(Refused):
    """Something that has to come first is missing."""

    key = "not_yet"


class IsReferee(Refused):
    """Whoever spoke for an applicant does not decide about them."""

    key = "is_referee"


_ALONG = {
    Move.SEE: (Step.IDENTITY, Step.REFERENCES),
    Move.REFER: (Step.REFERENCES, Step.INTERESTS),
    Move.DECLARE: (Step.INTERESTS, Step.INTERVIEW),
    Move.MEET: (Step.INTERVIEW, Step.TRAINING),
    Move.TRAIN: (Step.TRAINING, Step.APPROVAL),
    Move.APPROVE: (Step.APPROVAL, Step.PROBATION),
    Move.CONFIRM: (Step.PROBATION, Step.MEMBER),
    Move.REVIEW: (Step.MEMBER, Step.MEMBER),
}
INSIDE = frozenset({Step.PROBATION, Step.MEMBER})
DECLARED = frozenset(Step) - {Step.IDENTITY, Step.REFERENCES, Step.INTERESTS}
GOING, PAUSED, REFUSED = Course.GOING, Course.PAUSED, Course.REFUSED

# A move that is not in the table cannot happen. Learning goes on while the path is paused; whoever
# was inside when it ended is approved again, by two, before they are inside again.
MOVES: dict[Move, dict[Stand, Stand]] = {
    **{move: {Stand(a): Stand(b)} for move, (a, b) in _ALONG.items()},
    Move.PAUSE: {Stand(step): Stand(step, PAUSED) for step in Step},
    Move.RESUME: {Stand(step, PAUSED): Stand(step) for step in Step},
    Move.REFUSE: {
        Stand(step, course): Stand(step, REFUSED) for step in Step for course in (GOING, PAUSED)
    },
    Move.REOPEN: {
        Stand(step, REFUSED): Stand(Step.APPROVAL if step in INSIDE else step) for step in Step
    },
}
MOVES[Move.TRAIN][Stand(Step.TRAINING, PAUSED)] = Stand(Step.APPROVAL, PAUSED)


def moved(stand: Stand, move: Move) -> Stand:
    """Where the move leads, or WrongMoment where the table has no such way."""
    after = MOVES[move].get(stand)
    if after is None:
        raise WrongMoment
    return after


def possible(stand: Stand) -> frozenset[Move]:
    """Every move there is from here."""
    return frozenset(move for move, ways in MOVES.items() if stand in ways)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the machine must know of an application with nobody present. Sealed to it at rest."""

    ballot: UUID  # what is decided by two at this round of the path
    language: str = "es"
    chat: int | None = field(default=None, repr=False)
    zones: tuple[str, ...] = field(default=(), repr=False)
    referees: tuple[PersonId, ...] = field(default=(), repr=False)  # those who are members
    reason: Reason | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Application:
    """Somebody on the path, without a word of what they wrote."""

    id: UUID
    stand: Stand
    opened_on: date
    changed_on: date
    epoch: int
    facts: Facts = field(repr=False)
    invitation: UUID | None = None
    pair: tuple[PersonId, ...] = ()

    def after(self, move: Move, **facts: object) -> "Application":
        """The same one step on, with what the machine must know from now on."""
        known = replace(self.facts, **facts) if facts else self.facts  # type: ignore[arg-type]  # names checked by replace
        return replace(self, stand=moved(self.stand, move), facts=known)


def clearance_for(
    stand: Stand, *, today: date, review: timedelta, before: Clearance, zones: tuple[str, ...]
) -> Clearance:
    """What somebody may hold at this point of the path.

    Paused and refused is nothing new; resumed is what it was before, from the day it was given.
    """
    if stand.course is not GOING or stand.step not in INSIDE:
        return replace(before, level=Level.ON_PATH, zones=zones)
    level = Level.FULL if stand.step is Step.MEMBER else Level.PROBATION
    return replace(before, level=level, review_on=before.review_on or today + review, zones=zones)


def probation_is_over(clearance: Clearance, *, today: date, lasts: timedelta) -> bool:
    """Whether somebody new has been inside for as long as the country asks."""
    return clearance.since is not None and today >= clearance.since + lasts


def review_is_near(clearance: Clearance, today: date) -> bool:
    """Whether somebody should be looked at again: soon, now, or because nobody ever did."""
    if clearance.level is Level.VOUCHED and clearance.review_on is None:
        return True
    return clearance.review_on is not None and today >= clearance.review_on - REVIEW_SOON


def has_to_be_reminded(clearance: Clearance, today: date) -> bool:
    """Whether the day of a review is near and nobody was told of this one yet."""
    due, told = clearance.review_on, clearance.reminded_on
    if due is None or today < due - REVIEW_SOON:
        return False
    return told is None or told < due - REVIEW_SOON


def read_words(typed: Plaintext, field_: str) -> Plaintext:
    """What somebody wrote, without what cannot be printed, or BadInput."""
    kept = "".join(one for one in typed.reveal() if one.isprintable() or one == "\n").strip()
    if not kept:
        raise BadInput(field_, "empty")
    if len(kept) > MOST_WORDS:
        raise BadInput(field_, "too_long")
    return Plaintext(kept)


def read_role(typed: str) -> Role:
    """What somebody is asked to do, or BadInput."""
    if typed not in {Role.ACTIVIST.value, Role.COORDINATOR.value}:
        raise BadInput("role", "choose")
    return Role(typed)


# What is asked of whoever wants to help, in this order: by the bot one by one, by the page at once.
ASKED = ("called", "place", "reach", "why", "work")
NO_TIE = "none"  # said, not left out


def read_ties(typed: Iterable[str]) -> tuple[Tie, ...]:
    """To which agencies somebody, or somebody close to them, belongs; «none» is said, too."""
    kept = tuple(dict.fromkeys(typed))
    if kept == (NO_TIE,):
        return ()
    try:
        ties = tuple(Tie(each) for each in kept)
    except ValueError:
        raise BadInput("ties", "choose") from None
    if not ties:
        raise BadInput("ties", "choose")
    return ties
