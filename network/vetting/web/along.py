"""What the pair sees of an application, and each move of it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for

from config.areas import NoSuchArea
from network.kernel.actor import Role
from network.kernel.errors import BadInput, NotVisible, Refused
from network.kernel.hidden import Plaintext
from network.people import services as people
from network.people.words import Problem
from network.proposals.domain import (
    Matter,
)
from network.proposals.web import Executor
from network.vetting import services
from network.vetting.domain.path import (
    Move,
    read_role,
)
from network.vetting.web.blueprint import Page, bp
from network.vetting.web.forms import codes, read_members, read_move, read_reason
from network.vetting.web.words import HINDERED, WRONG, words_of_path
from network.web.guards import current_who, for_roles
from network.web.here import door, settings
from network.web.words import _

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
        _take(application_id, read_move(request.form.get("move", "")))
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
            zones=codes(),
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
                members=read_members(request.form.getlist("members")),
            )
        case Move.DECLARE:
            door().ask(
                services.declare,
                who,
                application_id=application_id,
                said=said,
                ties=request.form.getlist("ties"),
                zones=codes(),
            )
        case Move.REFUSE:
            door().ask(
                services.refuse,
                who,
                application_id=application_id,
                said=said,
                reason=read_reason(request.form.get("reason", "")),
            )
        case _:
            door().ask(PLAIN[move], who, application_id=application_id, said=said)


def _show(
    application_id: UUID, *, problem: Problem | None = None, link: Plaintext | None = None
) -> Page:
    found = door().look(services.whole, current_who(), application_id=application_id)
    page = render_template(
        "vetting/show.html",
        page=found,
        words=words_of_path(),
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
