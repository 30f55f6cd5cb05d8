"""A family's own copy: asking for it, and the locked file when another one has said yes."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from network.cases.forms import Form, sent
from network.cases.services import copying, looking
from network.cases.web.blueprint import bp
from network.kernel.actor import Role
from network.kernel.errors import Refused
from network.kernel.ids import CaseId, ProposalId
from network.proposals.domain import ProposalStatus
from network.web.guards import current_who, for_roles
from network.web.here import door
from network.web.words import _

Page = str | Response | tuple[str, int]


@bp.get("/<uuid:case_id>/copy")
@for_roles(Role.COORDINATOR)
def copy(case_id: UUID) -> Page:
    """What the file will hold, how it is given, and what was proposed."""
    return _page(CaseId(case_id), Form())


@bp.post("/<uuid:case_id>/copy")
@for_roles(Role.COORDINATOR)
def propose_copy(case_id: UUID) -> Page:
    """One of two pairs of eyes."""
    form, case = sent("reason"), CaseId(case_id)
    try:
        door().ask(copying.propose_copy, current_who(), case_id=case, reason=form.text("reason"))
    except Refused as refusal:
        return _page(case, form.failed(refusal))
    flash(_("It waits for a second pair of eyes."))
    return redirect(url_for("cases.copy", case_id=case_id), code=303)


@bp.post("/copies/<uuid:proposal_id>")
@for_roles(Role.COORDINATOR)
def make_copy(proposal_id: UUID) -> Response:
    """The locked file; it leaves a receipt. The words are the ones that the page has shown."""
    who, proposal, words = current_who(), ProposalId(proposal_id), sent("words").text("words")
    number = door().ask(copying.note_copy, who, proposal_id=proposal)
    made = door().look(
        copying.make_copy, who, proposal_id=proposal, number=number, passphrase=words
    )
    response = Response(made.content, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f"attachment; filename={made.name}"
    return response


def _page(case_id: CaseId, form: Form) -> Page:
    heading = door().look(looking.heading, current_who(), case_id=case_id)
    page = render_template(
        "cases/copy.html",
        case=heading.case,
        proposals=door().look(copying.copies, current_who(), case_id=case_id),
        ready=ProposalStatus.CONFIRMED,
        waits=ProposalStatus.OPEN,
        new_words=copying.new_words,
        form=form,
    )
    return (page, form.problem.status) if form.problem else page
