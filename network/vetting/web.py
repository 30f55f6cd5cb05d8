"""Pages: the form for whoever wants to help, where they stand, and what the pair sees and does."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from config.areas import NoSuchArea
from network.kernel.actor import Nobody, Role
from network.kernel.errors import BadInput, NotVisible, Refused, SlowDown
from network.kernel.hidden import Plaintext
from network.kernel.ids import PersonId
from network.people import services as people
from network.people.words import Problem
from network.proposals.domain import (
    AlreadyProposed,
    Matter,
    NeedsAnother,
    NobodyElse,
    ProposerGone,
)
from network.proposals.web import Executor
from network.vetting import services
from network.vetting.domain.path import (
    ASKED,
    REASONS,
    WHERE,
    Course,
    IsReferee,
    Move,
    NotYet,
    Reason,
    Step,
    Tie,
    read_role,
)
from network.web.guards import current_who, for_members, for_roles, public
from network.web.here import door, settings
from network.web.words import _

bp = Blueprint("vetting", __name__, template_folder="templates")
# For whoever has no account: a limiter stands before it (app.py), and a number for each day behind.
outside = Blueprint("outside", __name__, template_folder="templates")
Page = str | Response | tuple[str, int]
BY_ADDRESS = "30 per minute"  # a workshop behind one address can write
TRAP = "website"  # a field nobody sees: who fills it in is no person

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
PLAIN: dict[Move, Callable[..., Any]] = {
    Move.SEE: services.see,
    Move.MEET: services.meet,
    Move.APPROVE: services.approve,
    Move.CONFIRM: services.confirm,
    Move.REVIEW: services.review,
    Move.PAUSE: services.pause,
    Move.RESUME: services.resume,
    Move.REOPEN: services.reopen,
}


def let_in() -> dict[Matter, Executor]:
    """How the second yes is carried out where decisions are listed."""
    return {
        Matter.VETTING: Executor(
            services.second_yes,
            lambda application: url_for("vetting.show", application_id=application.id),
        )
    }


@outside.get("/help-out")
@public
def form() -> Page:
    """Whoever wants to help writes here; nobody has to sign in."""
    return _form({}, None)


@outside.post("/help-out")
@public
def apply() -> Page:
    """Sealed to two coordinators; a code is shown once."""
    typed = {name: request.form.get(name, "") for name in ASKED}
    if request.form.get(TRAP):
        return render_template("vetting/written.html", code=None)
    try:
        code = door().ask(
            services.apply,
            Nobody(),
            said={name: Plaintext(text) for name, text in typed.items()},
        )
    except BadInput as refusal:
        return _form(typed, Problem(refusal.field, str(WRONG[refusal.reason])))
    except SlowDown:
        sentence = _("Many people wrote today. Write to us in the bot, or tomorrow here.")
        return _form(typed, Problem("form", sentence, 429))
    return render_template("vetting/written.html", code=code)


@outside.get("/help-out/where")
@public
def where() -> Page:
    """Where whoever has a code may ask."""
    return render_template("vetting/where.html", problem=None, standing=None, words=_words())


@outside.post("/help-out/where")
@public
def ask_where() -> Page:
    """Where they stand, or the end of it."""
    code = Plaintext(request.form.get("code", ""))
    try:
        if "take_back" in request.form:
            door().ask(services.take_back, Nobody(), code=code)
            return render_template("vetting/gone.html")
        standing = door().look(services.where_code_stands, Nobody(), code=code)
    except NotVisible:
        problem = Problem("code", _("We do not have that code. Look at it letter by letter."), 404)
        page = render_template("vetting/where.html", problem=problem, standing=None, words=_words())
        return page, problem.status
    return render_template(
        "vetting/where.html", problem=None, standing=standing, words=_words(), code=code
    )


@bp.get("/account/path")
@for_members
def mine() -> Page:
    """Where the reader stands on the way in."""
    standing = door().look(services.where_i_stand, current_who())
    return render_template(
        "vetting/mine.html",
        standing=standing,
        words=_words(),
        probation=door().pack.vetting.probation.days,
    )


@bp.get("/people/path")
@for_roles(Role.COORDINATOR)
def index() -> Page:
    """Everybody on the way in whom the reader vets, and who is to be looked at again."""
    return _index(None)


@bp.get("/people/path/<uuid:application_id>")
@for_roles(Role.COORDINATOR)
def show(application_id: UUID) -> Page:
    """One application: what they wrote, what was done, what comes next."""
    return _show(application_id)


@bp.post("/people/path/<uuid:application_id>")
@for_roles(Role.COORDINATOR)
def step(application_id: UUID) -> Page:
    """What was done, as the next line of the history."""
    try:
        _take(application_id, _move(request.form.get("move", "")))
    except BadInput as refusal:
        problem = Problem(refusal.field, str(WRONG[refusal.reason]))
        return _show(application_id, problem=problem)
    except Refused as refusal:
        if type(refusal) not in HINDERED:
            raise
        return _show(application_id, problem=Problem("form", str(HINDERED[type(refusal)]), 409))
    try:
        door().look(services.whole, current_who(), application_id=application_id)
    except NotVisible:
        flash(_("It is with other people from now on."))
        return redirect(url_for("vetting.index"), code=303)
    flash(_("Done."))
    return redirect(url_for("vetting.show", application_id=application_id), code=303)


@bp.post("/people/path/<uuid:application_id>/interests")
@for_roles(Role.COORDINATOR)
def interests(application_id: UUID) -> Page:
    """Where somebody lives, whom they work for or are tied to has changed."""
    try:
        door().ask(
            services.change_interests,
            current_who(),
            application_id=application_id,
            said=Plaintext(request.form.get("said", "")),
            ties=request.form.getlist("ties"),
            zones=_codes(),
        )
    except BadInput as refusal:
        problem = Problem(refusal.field, str(WRONG[refusal.reason]))
        return _show(application_id, problem=problem)
    flash(_("Done. What they hold already and may not be given now is on the desk, to hand on."))
    return redirect(url_for("vetting.show", application_id=application_id), code=303)


@bp.post("/people/path/<uuid:application_id>/invite")
@for_roles(Role.COORDINATOR)
def invite(application_id: UUID) -> Page:
    """A link to their account, shown once on the page that answers."""
    try:
        token = door().ask(
            services.invite,
            current_who(),
            application_id=application_id,
            role=read_role(request.form.get("role", "")),
        )
    except BadInput as refusal:
        return _show(application_id, problem=Problem(refusal.field, str(WRONG[refusal.reason])))
    return _show(application_id, link=people.join_link(settings().address, token))


@bp.post("/people/<uuid:person_id>/review")
@for_roles(Role.COORDINATOR)
def review_member(person_id: UUID) -> Page:
    """Somebody who came in without the path was looked at again."""
    try:
        door().ask(
            services.review_member,
            current_who(),
            person_id=PersonId(person_id),
            zones=_codes() if "zones" in request.form else None,
        )
    except BadInput as refusal:
        page = _index(Problem("zones", str(WRONG[refusal.reason])))
        return page, 400
    flash(_("Done."))
    return redirect(url_for("vetting.index"), code=303)


def _index(problem: Problem | None) -> str:
    page = door().look(services.overview, current_who())
    return render_template("vetting/index.html", page=page, words=_words(), problem=problem)


def _codes() -> list[str]:
    return request.form.get("zones", "").replace(",", " ").split()


def _take(application_id: UUID, move: Move) -> None:
    said, who = Plaintext(request.form.get("said", "")), current_who()
    match move:
        case Move.REFER:
            first, second = (Plaintext(request.form.get(f"reference_{at}", "")) for at in (1, 2))
            door().ask(
                services.refer,
                who,
                application_id=application_id,
                said=(first, second),
                members=_members(request.form.getlist("members")),
            )
        case Move.DECLARE:
            door().ask(
                services.declare,
                who,
                application_id=application_id,
                said=said,
                ties=request.form.getlist("ties"),
                zones=_codes(),
            )
        case Move.REFUSE:
            door().ask(
                services.refuse,
                who,
                application_id=application_id,
                said=said,
                reason=_reason(request.form.get("reason", "")),
            )
        case _:
            door().ask(PLAIN[move], who, application_id=application_id, said=said)


def _move(typed: str) -> Move:
    try:
        move = Move(typed)
    except ValueError:
        raise BadInput("form", "choose") from None
    if move is Move.TRAIN:
        raise BadInput("form", "choose")  # the manual says so, nobody else
    return move


def _reason(typed: str) -> Reason:
    try:
        return Reason(typed)
    except ValueError:
        raise BadInput("reason", "choose") from None


def _members(typed: list[str]) -> list[PersonId]:
    try:
        return [PersonId(UUID(each)) for each in typed if each]
    except ValueError:
        raise BadInput("members", "choose") from None


def _form(typed: dict[str, str], problem: Problem | None) -> Page:
    page = render_template(
        "vetting/form.html",
        typed=typed,
        problem=problem,
        asked=[(name, QUESTIONS[name]) for name in ASKED],
        trap=TRAP,
    )
    return (page, problem.status) if problem else page


def _show(
    application_id: UUID, *, problem: Problem | None = None, link: Plaintext | None = None
) -> Page:
    found = door().look(services.whole, current_who(), application_id=application_id)
    page = render_template(
        "vetting/show.html",
        page=found,
        words=_words(),
        problem=problem,
        link=link,
        place_name=_place_name,
    )
    return (page, problem.status) if problem else page


def _place_name(code: str) -> str:
    try:
        return door().pack.areas.get(code).name
    except NoSuchArea:
        return code


def _words() -> dict[str, Any]:
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
