"""One entry for somebody outside: asking for it, and the file when another one has said yes."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from network.cases.forms import Form, sent
from network.cases.services import looking, wishes
from network.cases.services import proofs as services
from network.cases.web.blueprint import bp
from network.kernel.actor import Role
from network.kernel.errors import Refused
from network.kernel.ids import CaseId, EntryId, ProposalId
from network.proposals.domain import ProposalStatus
from network.web.guards import current_who, for_roles
from network.web.here import door
from network.web.words import _

Page = str | Response | tuple[str, int]


@bp.get("/<uuid:case_id>/entries/<uuid:entry_id>/proof")
@for_roles(Role.COORDINATOR)
def proof(case_id: UUID, entry_id: UUID) -> Page:
    """What the file will hold, and what was proposed about this entry."""
    return _page(CaseId(case_id), EntryId(entry_id), Form())


@bp.post("/<uuid:case_id>/entries/<uuid:entry_id>/proof")
@for_roles(Role.COORDINATOR)
def propose_proof(case_id: UUID, entry_id: UUID) -> Page:
    """Propose to hand it out."""
    form, case, entry = sent("reason"), CaseId(case_id), EntryId(entry_id)
    try:
        door().ask(
            services.propose_export,
            current_who(),
            case_id=case,
            entry_id=entry,
            reason=form.text("reason"),
        )
    except Refused as refusal:
        return _page(case, entry, form.failed(refusal))
    flash(_("It waits for a second pair of eyes."))
    return redirect(url_for("cases.proof", case_id=case_id, entry_id=entry_id), code=303)


@bp.get("/proofs/<uuid:proposal_id>")
@for_roles(Role.COORDINATOR)
def proof_file(proposal_id: UUID) -> Response:
    """The file; it leaves a receipt."""
    found = door().ask(services.export, current_who(), proposal_id=ProposalId(proposal_id))
    response = Response(found.text.reveal(), mimetype="application/json")
    response.headers["Content-Disposition"] = f"attachment; filename={found.name}"
    return response


def _page(case_id: CaseId, entry_id: EntryId, form: Form) -> Page:
    heading = door().look(looking.heading, current_who(), case_id=case_id)
    page = render_template(
        "cases/proof.html",
        case=heading.case,
        wishes=door().look(wishes, current_who(), case_id=case_id),
        entry_id=entry_id,
        proposals=door().look(services.exports, current_who(), entry_id=entry_id),
        ready=ProposalStatus.CONFIRMED,
        waits=ProposalStatus.OPEN,
        form=form,
    )
    return (page, form.problem.status) if form.problem else page
