"""Decisions of two: what waits, why, and the buttons for the second pair of eyes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from network.kernel.actor import Role
from network.kernel.errors import WrongMoment
from network.kernel.ids import ProposalId
from network.proposals import services
from network.proposals.domain import Matter, ProposalStatus
from network.web.guards import current_actor, current_who, for_roles
from network.web.here import door
from network.web.words import _

bp = Blueprint("proposals", __name__, url_prefix="/decisions", template_folder="templates")
Page = str | Response | tuple[str, int]
EXECUTORS = "network.proposals"

MATTERS = {
    Matter.VETTING: _l("Let somebody in"),
    Matter.ROLE: _l("Let somebody coordinate"),
    Matter.REMOVAL: _l("Remove somebody for good"),
    Matter.REACH: _l("Let somebody hold more at once"),
    Matter.BREAK_GLASS: _l("Open what nobody can open any more"),
    Matter.STEWARDS: _l("Change who keeps the shares"),
    Matter.EXPORT: _l("Take a copy out"),
    Matter.COPY: _l("Give a family its own copy"),
    Matter.WARNING: _l("Publish a warning"),
    Matter.RETURN: _l("Let somebody come back who lost their codes"),
}
STATUSES = {
    ProposalStatus.OPEN: _l("waits"),
    ProposalStatus.CONFIRMED: _l("done"),
    ProposalStatus.DECLINED: _l("refused"),
    ProposalStatus.WITHDRAWN: _l("taken back"),
    ProposalStatus.EXPIRED: _l("nobody confirmed it in time"),
}


@dataclass(frozen=True, slots=True)
class Executor:
    """The verb that confirms and carries out one matter, and where its result is seen."""

    verb: Callable[..., Any]  # (tx, actor, *, proposal_id)
    after: Callable[[Any], str]


@bp.get("")
@for_roles(Role.COORDINATOR)
def index() -> Page:
    """What waits for a second pair of eyes, and what was decided lately."""
    return render_template(
        "proposals/index.html",
        page=door().look(services.decisions, current_who()),
        me=current_actor().person_id,
        matters=MATTERS,
        statuses=STATUSES,
    )


@bp.get("/<uuid:proposal_id>")
@for_roles(Role.COORDINATOR)
def show(proposal_id: UUID) -> Page:
    """One proposal: what, about whom, why, and what the reader may do."""
    found = door().look(services.decision, current_who(), proposal_id=ProposalId(proposal_id))
    return render_template(
        "proposals/show.html",
        one=found.proposal,
        found=found,
        me=current_actor().person_id,
        executes=found.proposal.matter in _executors(),
        matters=MATTERS,
        statuses=STATUSES,
    )


@bp.post("/<uuid:proposal_id>/confirm")
@for_roles(Role.COORDINATOR)
def confirm(proposal_id: UUID) -> Page:
    """The second pair of eyes: its own room carries it out in the same transaction."""
    named = ProposalId(proposal_id)
    found = door().look(services.proposal, current_who(), proposal_id=named)
    executor = _executors().get(found.matter)
    if executor is None:
        raise WrongMoment
    result = door().ask(executor.verb, current_who(), proposal_id=named)
    flash(_("Confirmed and done."))
    return redirect(executor.after(result), code=303)


@bp.post("/<uuid:proposal_id>/decline")
@for_roles(Role.COORDINATOR)
def decline(proposal_id: UUID) -> Page:
    """The reader's no."""
    door().ask(services.decline, current_who(), proposal_id=ProposalId(proposal_id))
    return redirect(url_for("proposals.show", proposal_id=proposal_id), code=303)


@bp.post("/<uuid:proposal_id>/withdraw")
@for_roles(Role.COORDINATOR)
def withdraw(proposal_id: UUID) -> Page:
    """Whoever proposed it takes it back."""
    door().ask(services.withdraw, current_who(), proposal_id=ProposalId(proposal_id))
    return redirect(url_for("proposals.show", proposal_id=proposal_id), code=303)


def proposed(proposal_id: ProposalId) -> Response:
    """Where somebody goes who has just proposed something, for every room's pages."""
    flash(_("Proposed. Somebody else from coordination must confirm it; they have been told."))
    return redirect(url_for("proposals.show", proposal_id=proposal_id), code=303)


def _executors() -> Mapping[Matter, Executor]:
    return cast("Mapping[Matter, Executor]", current_app.extensions[EXECUTORS])
