"""The course of an accompaniment: rest, go on, step back, close."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from network.cases import services
from network.cases.domain import Outcome
from network.cases.forms import Form, sent
from network.cases.policy import CasePermission
from network.cases.services import looking
from network.cases.web.blueprint import bp
from network.kernel.actor import Role
from network.kernel.errors import NotAllowed, Refused
from network.kernel.ids import CaseId
from network.web.guards import current_who, for_active, for_roles
from network.web.here import door
from network.web.words import _

Page = str | Response | tuple[str, int]


@bp.post("/<uuid:case_id>/rest")
@for_active
def rest(case_id: UUID) -> Response:
    """Let it rest for a while."""
    door().ask(services.rest, current_who(), case_id=CaseId(case_id))
    return redirect(url_for("cases.room", case_id=case_id), code=303)


@bp.post("/<uuid:case_id>/resume")
@for_active
def resume(case_id: UUID) -> Response:
    """Go on with it."""
    door().ask(services.resume, current_who(), case_id=CaseId(case_id))
    return redirect(url_for("cases.room", case_id=case_id), code=303)


@bp.post("/<uuid:case_id>/withdraw")
@for_roles(Role.ACTIVIST)
def withdraw(case_id: UUID) -> Response:
    """The accompanier steps back, and can open none of it from then on."""
    door().ask(services.withdraw, current_who(), case_id=CaseId(case_id))
    flash(_("You have stepped back, and your key is gone. Thank you for what you did."))
    return redirect(url_for("cases.index"), code=303)


@bp.post("/<uuid:case_id>/hold-erasure")
@for_roles(Role.COORDINATOR)
def hold_erasure(case_id: UUID) -> Response:
    """What the family asked to be erased waits some days more, whether an alarm rings or not."""
    case = CaseId(case_id)
    door().look(looking.heading, current_who(), case_id=case)
    day = door().ask(services.hold_erasure, current_who(), case_id=case)
    flash(_("It is not erased before %(day)s.", day=day.strftime("%d/%m/%Y")))
    return redirect(url_for("cases.room", case_id=case_id), code=303)


@bp.get("/<uuid:case_id>/close")
@for_roles(Role.COORDINATOR)
def close(case_id: UUID) -> Page:
    """What closing means, before it is done."""
    return _close_form(CaseId(case_id), Form())


@bp.post("/<uuid:case_id>/close")
@for_roles(Role.COORDINATOR)
def close_for_good(case_id: UUID) -> Page:
    """Close it, saying how it ended."""
    form, case = sent("outcome", "invite"), CaseId(case_id)
    verb = services.close_and_invite if form.one("invite") else services.close
    try:
        outcome = form.choice("outcome", Outcome)
        door().ask(verb, current_who(), case_id=case, outcome=outcome)
    except Refused as refusal:
        return _close_form(case, form.failed(refusal))
    return redirect(url_for("cases.room", case_id=case_id), code=303)


def _close_form(case_id: CaseId, form: Form) -> Page:
    found = door().look(looking.heading, current_who(), case_id=case_id)
    if CasePermission.CLOSE not in found.may:
        raise NotAllowed
    page = render_template(
        "cases/close.html",
        case=found.case,
        form=form,
        kept_days=door().pack.access.kept_after_closing.days,
    )
    return (page, form.problem.status) if form.problem else page
