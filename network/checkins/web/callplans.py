"""Whom to call when an alarm rings: read and written by those who hold the key."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from network.cases.services import looking
from network.checkins import services
from network.checkins.domain.callplans import CallPlan, PlanShut
from network.checkins.domain.watches import Whom
from network.checkins.web.blueprint import bp
from network.checkins.web.names import sentence
from network.kernel.errors import BadInput, Refused
from network.kernel.ids import CaseId
from network.web.guards import current_who, for_active
from network.web.here import door
from network.web.words import _

Page = str | Response | tuple[str, int]


@bp.get("/cases/<uuid:case_id>/checkins/plan")
@for_active
def plan(case_id: UUID) -> Page:
    """The plan, and the form that writes it."""
    try:
        found = door().ask(services.call_plan, current_who(), case_id=CaseId(case_id))
    except PlanShut as refusal:
        return _shown(CaseId(case_id), CallPlan(), sentence(refusal))
    return _shown(CaseId(case_id), found or CallPlan(), ("", ""))


@bp.post("/cases/<uuid:case_id>/checkins/plan")
@for_active
def write_plan(case_id: UUID) -> Page:
    """Keep it, in the place of the one before."""
    case = CaseId(case_id)
    form = request.form
    try:
        written = CallPlan(
            form.get("never", "").strip(),
            {whom: form.get(whom.value, "").strip() for whom in Whom},
        )
        door().ask(services.write_call_plan, current_who(), case_id=case, plan=written)
    except Refused as refusal:
        return _page(case, refusal)
    flash(_("It is sealed into the case, and stands on the page of every alarm."))
    return redirect(url_for("checkins.show", case_id=case_id), code=303)


def _page(case_id: CaseId, refusal: Refused) -> Page:
    page = _shown(case_id, CallPlan(), sentence(refusal))
    return page, 400 if isinstance(refusal, BadInput) else 409


def _shown(case_id: CaseId, found: CallPlan, problem: tuple[str, str]) -> str:
    typed = {name: request.form.get(name) for name in ("never", *(each.value for each in Whom))}
    return render_template(
        "checkins/plan.html",
        case=door().look(looking.heading, current_who(), case_id=case_id).case,
        plan=found,
        rungs=tuple(Whom),
        typed=typed,
        problem=problem,
    )
