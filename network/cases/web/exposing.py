"""What one member can open and did, removing them, and how far the keys have turned."""

import csv
import io
from uuid import UUID

from flask import render_template, url_for
from werkzeug.wrappers import Response

from network.cases import services
from network.cases.forms import Form, sent
from network.cases.services import Report
from network.cases.web.blueprint import bp
from network.kernel.actor import Role
from network.kernel.errors import BadInput
from network.kernel.ids import PersonId
from network.people.domain import Standing
from network.proposals.domain import Matter
from network.proposals.web import Executor, proposed
from network.web.guards import current_actor, current_who, for_roles
from network.web.here import door
from network.web.words import _

Page = str | Response | tuple[str, int]


def carried_out() -> dict[Matter, Executor]:
    """What this room does with a confirmed proposal."""
    return {
        Matter.REMOVAL: Executor(
            services.remove, lambda person: url_for("cases.exposure", person_id=person)
        )
    }


@bp.get("/people/<uuid:person_id>")
@for_roles(Role.COORDINATOR)
def exposure(person_id: UUID) -> Page:
    """The report, how far the keys have turned, and the way to propose a removal."""
    return _page(PersonId(person_id), Form())


@bp.post("/people/<uuid:person_id>/removal")
@for_roles(Role.COORDINATOR)
def propose_removal(person_id: UUID) -> Page:
    """One of two pairs of eyes."""
    form = sent("reason")
    try:
        made = door().ask(
            services.propose_removal,
            current_who(),
            person_id=PersonId(person_id),
            reason=form.text("reason"),
        )
    except BadInput as refusal:
        return _page(PersonId(person_id), form.failed(refusal))
    return proposed(made)


@bp.get("/people/<uuid:person_id>/report.csv")
@for_roles(Role.COORDINATOR)
def exposure_table(person_id: UUID) -> Response:
    """The same report as a table to take along."""
    found = door().look(services.report, current_who(), person_id=PersonId(person_id))
    return Response(
        as_table(found),
        mimetype="text/csv",
        headers={"Content-Disposition": 'attachment; filename="hilo-report.csv"'},
    )


def as_table(found: Report) -> str:
    """One line per case, one field per fact; moments in UTC."""
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(
        (
            _("Reference"),
            _("Could open it from"),
            _("Until"),
            _("Entries"),
            _("Files"),
            _("Opened the room"),
            _("Opened a file"),
        )
    )
    for each in found.cases:
        lines.writerow(
            (
                each.reference or _("erased"),
                each.since or "",
                each.until or "",
                each.entries,
                each.files,
                " ".join(at.isoformat(timespec="seconds") for at in each.openings),
                " ".join(at.isoformat(timespec="seconds") for at in each.files_opened),
            )
        )
    return out.getvalue()


def _page(person: PersonId, form: Form) -> Page:
    found = door().look(services.report, current_who(), person_id=person)
    page = render_template(
        "cases/person.html",
        found=found,
        form=form,
        progress=door().look(services.progress, current_who(), person_id=person),
        removable=person != current_actor().person_id
        and found.member.standing in {Standing.ACTIVE, Standing.SUSPENDED},
    )
    return (page, form.problem.status) if form.problem else page
