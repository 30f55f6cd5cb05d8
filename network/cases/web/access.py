"""Who can open it: the list, the log, and giving, taking and changing keys."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from network.cases import services
from network.cases.forms import Form, sent
from network.cases.services import looking
from network.cases.web.blueprint import bp
from network.cases.web.shown import Can, asked_before, shown_holders, shown_receipts
from network.kernel.actor import Role
from network.kernel.errors import Refused
from network.kernel.ids import CaseId
from network.web.guards import current_who, for_active, for_roles
from network.web.here import door
from network.web.words import _

Page = str | Response | tuple[str, int]


@bp.get("/<uuid:case_id>/access")
@for_active
def access(case_id: UUID) -> Page:
    """Who can open it, and everything that was done to it."""
    return _access(CaseId(case_id), Form())


@bp.post("/<uuid:case_id>/share")
@for_roles(Role.COORDINATOR)
def share(case_id: UUID) -> Page:
    """Give somebody a key."""
    form, case = sent("with"), CaseId(case_id)
    try:
        door().ask(services.share, current_who(), case_id=case, with_=form.person("with"))
    except Refused as refusal:
        return _access(case, form.failed(refusal, with_="with"))
    return redirect(url_for("cases.access", case_id=case_id), code=303)


@bp.post("/<uuid:case_id>/hand-over")
@for_roles(Role.COORDINATOR)
def hand_over(case_id: UUID) -> Page:
    """Give it to another coordinator and keep nothing."""
    form, case = sent("to"), CaseId(case_id)
    try:
        door().ask(services.hand_over, current_who(), case_id=case, to=form.person("to"))
    except Refused as refusal:
        return _access(case, form.failed(refusal, with_="to"))
    flash(_("It is in their hands now, and your key is gone."))
    return redirect(url_for("cases.index"), code=303)


@bp.post("/<uuid:case_id>/renew")
@for_active
def renew(case_id: UUID) -> Page:
    """Access is still needed, and a word why."""
    form, case = sent("why", "person"), CaseId(case_id)
    door().look(looking.heading, current_who(), case_id=case)
    try:
        until = door().ask(
            services.renew,
            current_who(),
            case_id=case,
            why=form.text("why"),
            person_id=form.person("person"),
        )
    except Refused as refusal:
        return _access(case, form.failed(refusal, person="why"))
    flash(_("Renewed until %(day)s.", day=until.strftime("%d/%m/%Y")))
    return redirect(url_for("cases.access", case_id=case_id), code=303)


@bp.post("/<uuid:case_id>/drop")
@for_roles(Role.COORDINATOR)
def drop(case_id: UUID) -> Page:
    """Give up one's own key; never the last one."""
    case = CaseId(case_id)
    try:
        door().ask(services.drop, current_who(), case_id=case)
    except Refused as refusal:
        return _access(case, Form().failed(refusal))
    flash(_("Your key is gone."))
    return redirect(url_for("cases.index"), code=303)


@bp.post("/<uuid:case_id>/rekey")
@for_roles(Role.COORDINATOR)
def rekey(case_id: UUID) -> Page:
    """Change the lock; where it leaves somebody out, say what they could have read."""
    form, case = sent("without"), CaseId(case_id)
    try:
        without = form.person("without") if form.one("without") else None
        exposure = door().ask(services.rekey, current_who(), case_id=case, without=without)
    except Refused as refusal:
        return _access(case, form.failed(refusal, without="form"))
    if exposure.person_id is None:
        flash(_("The lock is changed."))
        return redirect(url_for("cases.access", case_id=case_id), code=303)
    found = door().look(looking.access, current_who(), case_id=case)
    return render_template(
        "cases/exposure.html",
        case=found.case,
        exposure=exposure,
        who=found.names.get(exposure.person_id, ""),
    )


@bp.post("/<uuid:case_id>/reseal")
@for_roles(Role.COORDINATOR)
def reseal(case_id: UUID) -> Page:
    """Some of it is sealed again with the present suite; pressed again, it goes on."""
    case = CaseId(case_id)
    try:
        found = door().ask(services.reseal, current_who(), case_id=case)
    except Refused as refusal:
        return _access(case, Form().failed(refusal))
    flash(_("%(done)s sealed again, %(left)s left.", done=found.done, left=found.left))
    return redirect(url_for("cases.access", case_id=case_id), code=303)


def _access(case_id: CaseId, form: Form) -> Page:
    before = asked_before()
    found = door().look(looking.access, current_who(), case_id=case_id, before=before)
    can = Can(found.may, found.case.status)
    page = render_template(
        "cases/access.html",
        old_seals=door().look(services.left_to_reseal, current_who(), case_id=case_id)
        if can.rekey
        else 0,
        case=found.case,
        form=form,
        can=can,
        holders=shown_holders(found.case, found.holders),
        others=found.others,
        coordinators=[each for each in found.others if each.role is Role.COORDINATOR],
        receipts=shown_receipts(found.receipts, found.names),
        earlier=found.more,
    )
    return (page, form.problem.status) if form.problem else page
