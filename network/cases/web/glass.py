"""Opening together what nobody can open any more: finding it, asking, opening."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from network.cases.services import glass as services
from network.cases.web.blueprint import bp
from network.kernel.actor import Role
from network.kernel.errors import BadInput, Refused, SlowDown
from network.kernel.ids import CaseId, PersonId
from network.people.domain import WrongCredentials
from network.people.web.proving import proof_shown
from network.quorum.web import Problem, problem_of
from network.web.guards import current_actor, current_who, for_roles
from network.web.here import door
from network.web.words import _

Page = str | Response | tuple[str, int]


@bp.get("/quorum")
@for_roles(Role.COORDINATOR)
def glass() -> Page:
    """What is not sealed to the network's key yet, and a place to write a reference."""
    return _page()


@bp.post("/quorum")
@for_roles(Role.COORDINATOR)
def find() -> Page:
    """The cases of a reference somebody was told; it leaves a receipt."""
    return _page(reference=request.form.get("reference", ""))


@bp.post("/quorum/ask")
@for_roles(Role.COORDINATOR)
def ask_opening() -> Page:
    """Ask the others to open it for somebody."""
    reference = request.form.get("reference", "")
    try:
        door().ask(
            services.ask_opening,
            current_who(),
            reference=reference,
            case_id=CaseId(_id("case")),
            opener=PersonId(_id("opener")),
            reason=request.form.get("reason", ""),
        )
    except Refused as refusal:
        return _page(problem_of(refusal), reference=reference)
    flash(_("It is asked. Coordination and the family are told; nothing opens before its time."))
    return redirect(url_for("quorum.index"), code=303)


@bp.post("/quorum/<uuid:ceremony_id>/open")
@for_roles(Role.COORDINATOR)
def open_together(ceremony_id: UUID) -> Page:
    """Open it, after the delay and with enough yeses, for the one who was named."""
    try:
        proof = proof_shown()
        case_id = door().ask(
            services.open_together, current_who(), ceremony_id=ceremony_id, proof=proof
        )
    except (WrongCredentials, SlowDown) as refusal:
        return _page(problem_of(refusal))
    flash(_("You can open it now. When the time is over, your key is taken away by itself."))
    return redirect(url_for("cases.room", case_id=case_id), code=303)


@bp.post("/quorum/entrust")
@for_roles(Role.COORDINATOR)
def entrust() -> Page:
    """Seal a batch of the reader's cases to the network's key."""
    done = door().ask(services.entrust_mine, current_who())
    flash(_("%(num)s sealed.", num=done))
    return redirect(url_for("cases.glass"), code=303)


def _page(problem: Problem | None = None, *, reference: str = "") -> Page:
    found = (
        door().ask(services.named, current_who(), reference=reference) if reference.strip() else ()
    )
    page = render_template(
        "cases/glass.html",
        problem=problem,
        reference=reference,
        found=found,
        sealing=door().look(services.entrusted, current_who()),
        me=current_actor().person_id,
        delay=door().pack.quorum.delay,
    )
    return (page, problem.status) if problem else page


def _id(name: str) -> UUID:
    try:
        return UUID(request.form.get(name, ""))
    except ValueError:
        raise BadInput("form", "choose") from None
