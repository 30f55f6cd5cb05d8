"""What the pages of the path call each step, move, tie and question."""

from typing import Any

from flask_babel import lazy_gettext as _l

from network.kernel.errors import Refused
from network.proposals.domain import (
    AlreadyProposed,
    NeedsAnother,
    NobodyElse,
    ProposerGone,
)
from network.vetting.domain.path import (
    REASONS,
    WHERE,
    Course,
    IsReferee,
    Move,
    NotYet,
    Step,
    Tie,
)

STEPS = {
    Step.IDENTITY: _l("Who they are"),
    Step.REFERENCES: _l("Two references"),
    Step.INTERESTS: _l("Own interests"),
    Step.INTERVIEW: _l("A talk"),
    Step.TRAINING: _l("Learning"),
    Step.APPROVAL: _l("Approval by two"),
    Step.PROBATION: _l("Probation"),
    Step.MEMBER: _l("Inside"),
}
QUESTIONS = {
    "called": _l("What may we call you?"),
    "place": _l("In which state and town do you live?"),
    "reach": _l("How can we reach you, without danger for you?"),
    "why": _l("Why do you want to help?"),
    "work": _l(
        "Where do you work, and do you or somebody close to you belong to the police, the"
        " prosecution, the armed forces, the press or a party?"
    ),
    "helped_before": _l("The network was beside them before. They want you to know."),
    "yes:approve": _l("First yes"),
    "yes:confirm": _l("First yes"),
}
TIES = {
    Tie.POLICE: _l("the police"),
    Tie.PROSECUTION: _l("the prosecution"),
    Tie.FORCES: _l("the armed forces"),
    Tie.PRESS: _l("the press"),
    Tie.PARTY: _l("a party"),
}
MOVES = {
    Move.SEE: _l("Their identity was seen"),
    Move.REFER: _l("Two references were asked"),
    Move.DECLARE: _l("Their interests are clear"),
    Move.MEET: _l("We talked"),
    Move.TRAIN: _l("They answered the questions"),
    Move.APPROVE: _l("Say yes"),
    Move.CONFIRM: _l("End the probation"),
    Move.REVIEW: _l("Looked at again"),
    Move.PAUSE: _l("Pause"),
    Move.RESUME: _l("Go on"),
    Move.REFUSE: _l("Refuse"),
    Move.REOPEN: _l("Open again"),
}
ASK = {
    Move.SEE: _l(
        "How was it seen, where, and by whom? Keep no copy and no number of any document."
    ),
    Move.DECLARE: _l(
        "Where do they live and work? Do they, or somebody close, belong to the police, the"
        " prosecution, the armed forces, the press or a party?"
    ),
    Move.MEET: _l("Who talked with them, and what remains of it?"),
    Move.APPROVE: _l("Why yes?"),
    Move.CONFIRM: _l("How was the time of probation?"),
    Move.REVIEW: _l("What did you look at, and what has changed?"),
    Move.PAUSE: _l("Why?"),
    Move.RESUME: _l("Why?"),
    Move.REFUSE: _l("What happened? Only you two read it."),
    Move.REOPEN: _l("Why?"),
}
WRONG = {
    "empty": _l("Write something here."),
    "too_long": _l("That is too long."),
    "choose": _l("Choose one of these."),
    "too_many": _l("Those are too many."),
    "tie_has_no_place": _l(
        "Say where that tie reaches, in codes of places: there they are given nothing. If it"
        " reaches everywhere, this cannot go on."
    ),
    "not_a_member": _l("A referee of ours has to be inside, and past probation."),
    "no_such_place": _l("There is no such place. Write codes such as 09 or 09015."),
}
HINDERED: dict[type[Refused], object] = {
    IsReferee: _l("Whoever spoke for them does not decide about them."),
    NotYet: _l("Something has to come first: their account, or the end of the probation."),
    AlreadyProposed: _l("You said yes. It needs somebody else's now."),
    NeedsAnother: _l("You said yes. It needs somebody else's now."),
    NobodyElse: _l("There is nobody else who could say the second yes."),
    ProposerGone: _l("Whoever said the first yes is no longer in coordination."),
}


def words_of_path() -> dict[str, Any]:
    """All of them, for a template."""
    return {
        "steps": STEPS,
        "where": WHERE,
        "reasons": REASONS,
        "questions": QUESTIONS,
        "moves": MOVES,
        "ask": ASK,
        "ties": TIES,
        "Course": Course,
        "Step": Step,
        "Move": Move,
    }
