"""Pages of the quorum: who keeps the network's key, and what several are asked to do together."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from network.kernel.actor import Role
from network.kernel.errors import BadInput, NotAllowed, NotVisible, Refused, SlowDown, WrongMoment
from network.kernel.ids import PersonId
from network.people.domain import WrongCredentials
from network.people.web.proving import proof_shown
from network.quorum import services
from network.quorum.domain import Matter, Stage
from network.web.guards import current_who, for_roles
from network.web.here import door
from network.web.words import REFUSALS, _

bp = Blueprint("quorum", __name__, template_folder="templates")
Page = str | Response | tuple[str, int]

MATTERS = {
    Matter.FOUND: _l("Make a new key for the network"),
    Matter.HAND_ON: _l("Give the shares of the key to others"),
    Matter.OPEN: _l("Open together"),
}
STAGES = {
    Stage.WAITING: _l("waits"),
    Stage.DONE: _l("done"),
    Stage.STOPPED: _l("stopped"),
    Stage.LAPSED: _l("nobody finished it"),
}
REASONS = {
    "quorum_holders": _l("Choose 2 to 16 people, each once."),
    "quorum_needed": _l("At least 2 must be needed, and no more than there are."),
    "quorum_reason": _l("Write why, in a few sentences."),
    "not_available": _l("That person cannot be chosen now."),
    "has_key": _l("That person can open it already."),
    "choose": _l("Choose one."),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a form, and the status of the answer."""

    field: str
    sentence: str
    status: int = 400


def problem_of(refusal: Refused) -> Problem:
    """The sentence for what a form here can be mended after."""
    match refusal:
        case NotVisible() | NotAllowed():
            raise refusal
        case BadInput(field=field, reason=reason):
            return Problem(field, str(REASONS.get(reason, REFUSALS["bad_input"])))
        case WrongCredentials():
            return Problem("form", _("The code or the device is not right. Each works once."))
        case SlowDown(seconds=seconds):
            sentence = _("Too many tries. Wait %(seconds)s seconds and try again.", seconds=seconds)
            return Problem("form", sentence, 429)
        case _:
            return Problem("form", str(REFUSALS.get(refusal.key, REFUSALS["refused"])), 409)


@bp.get("/quorum")
@for_roles(Role.COORDINATOR)
def index() -> Page:
    """Who keeps the shares, what waits, what was."""
    return _page()


@bp.get("/quorum/log")
@for_roles(Role.COORDINATOR)
def log() -> Page:
    """Whether the log is whole, and the words of each day to compare with one's letters."""
    return render_template("quorum/log.html", page=door().look(services.log_page, current_who()))


@bp.post("/quorum/found")
@for_roles(Role.COORDINATOR)
def found() -> Page:
    """Propose a new key for the network."""
    return _proposed(services.propose_founding)


@bp.post("/quorum/hand-on")
@for_roles(Role.COORDINATOR)
def hand_on() -> Page:
    """Propose that others keep the shares."""
    return _proposed(services.propose_handing_on)


@bp.post("/quorum/<uuid:ceremony_id>/yes")
@for_roles(Role.COORDINATOR)
def say_yes(ceremony_id: UUID) -> Page:
    """Say yes, with a fresh second factor."""
    return _proven(services.speak, _("Your yes is written down."), ceremony_id)


@bp.post("/quorum/<uuid:ceremony_id>/settle")
@for_roles(Role.COORDINATOR)
def settle(ceremony_id: UUID) -> Page:
    """Make the key, or the new shares of it, after the delay."""
    return _proven(services.settle, _("Done. Each share is with its keeper."), ceremony_id)


@bp.post("/quorum/<uuid:ceremony_id>/stop")
@for_roles(Role.COORDINATOR)
def stop(ceremony_id: UUID) -> Page:
    """No."""
    try:
        door().ask(services.stop, current_who(), ceremony_id=ceremony_id)
    except WrongMoment as refusal:
        return _page(problem_of(refusal))
    flash(_("It is stopped, and everybody is told."))
    return redirect(url_for("quorum.index"), code=303)


def _proposed(service: Callable[..., UUID]) -> Page:
    form = request.form
    try:
        door().ask(
            service,
            current_who(),
            needed=int(form.get("needed", "0")) if form.get("needed", "0").isdecimal() else 0,
            holders=_people(form.getlist("holders")),
            reason=form.get("reason", ""),
        )
    except Refused as refusal:
        return _page(problem_of(refusal))
    flash(_("It is asked, and everybody in coordination is told."))
    return redirect(url_for("quorum.index"), code=303)


def _proven(service: Callable[..., object], said: str, ceremony_id: UUID) -> Page:
    """A verb that takes a fresh second factor; the try is counted before it is judged."""
    try:
        proof = proof_shown()
        door().ask(service, current_who(), ceremony_id=ceremony_id, proof=proof)
    except Refused as refusal:
        return _page(problem_of(refusal))
    flash(said)
    return redirect(url_for("quorum.index"), code=303)


def _page(problem: Problem | None = None) -> Page:
    page = render_template(
        "quorum/index.html",
        page=door().look(services.overview, current_who()),
        rules=door().pack.quorum,
        matters=MATTERS,
        stages=STAGES,
        Matter=Matter,
        problem=problem,
    )
    return (page, problem.status) if problem else page


def _people(typed: list[str]) -> tuple[PersonId, ...]:
    try:
        return tuple(PersonId(UUID(each)) for each in typed)
    except ValueError:
        raise BadInput("holders", "quorum_holders") from None
