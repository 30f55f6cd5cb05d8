"""What one member can open and did, removing them, and how far the keys have turned."""

import csv
import io
from dataclasses import dataclass
from uuid import UUID

from flask import render_template, url_for
from werkzeug.wrappers import Response

from network.cases import services
from network.cases.forms import Form, sent
from network.cases.services import Reach, copying, exposing, proofs
from network.cases.services.exposing import Taken
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
HIGH = 80


def carried_out() -> dict[Matter, Executor]:
    """What this room does with a confirmed proposal."""
    return {
        Matter.REMOVAL: Executor(
            services.remove, lambda person: url_for("cases.exposure", person_id=person)
        ),
        Matter.REACH: Executor(
            services.raise_reach, lambda person: url_for("cases.exposure", person_id=person)
        ),
        Matter.COPY: Executor(copying.confirm_copy, lambda _nothing: url_for("proposals.index")),
        Matter.EXPORT: Executor(proofs.confirm_export, lambda _nothing: url_for("proposals.index")),
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


@bp.post("/people/<uuid:person_id>/reach")
@for_roles(Role.COORDINATOR)
def propose_reach(person_id: UUID) -> Page:
    """Let one account hold more at once, if somebody else agrees."""
    form = sent("most", "reason")
    try:
        made = door().ask(
            services.propose_reach,
            current_who(),
            person_id=PersonId(person_id),
            most=int(form.one("most")) if form.one("most").isdecimal() else 0,
            reason=form.text("reason"),
        )
    except BadInput as refusal:
        return _page(PersonId(person_id), form.failed(refusal))
    return proposed(made)


@bp.get("/people/<uuid:person_id>/report.csv")
@for_roles(Role.COORDINATOR)
def exposure_table(person_id: UUID) -> Response:
    """The same report as a table to take along."""
    taken = door().ask(exposing.take_along, current_who(), person_id=PersonId(person_id))
    return Response(
        as_table(taken),
        mimetype="text/csv",
        headers={"Content-Disposition": 'attachment; filename="hilo-report.csv"'},
    )


def as_table(taken: Taken) -> str:
    """One line per case, one field per fact; moments in UTC. The first line says whose copy it is:
    facts cannot be worded twice, as a brief can.
    """
    found, out = taken.report, io.StringIO()
    lines = csv.writer(out)
    copy = _("Copy of %(who)s, line %(line)s of the log", who=taken.by, line=taken.line)
    lines.writerow((copy, found.member.alias, found.made_at.isoformat(timespec="minutes")))
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


@dataclass(frozen=True, slots=True)
class Bar:
    """One day of the picture: left edge and width in percent, top and height in pixels."""

    x: float
    width: float
    y: float
    height: float


def drawn(reach: Reach) -> tuple[Bar, ...]:
    """A bar for each day that was measured, the highest as high as the picture."""
    if not reach.days:
        return ()
    top = max(1, *(each.cases for each in reach.days))
    width = round(100 / len(reach.days), 2)
    return tuple(
        Bar(
            round(number * width, 2),
            round(width * 0.8, 2),
            round(HIGH * (1 - each.cases / top), 1),
            round(HIGH * each.cases / top, 1),
        )
        for number, each in enumerate(reach.days)
    )


def _page(person: PersonId, form: Form) -> Page:
    found = door().ask(exposing.look_at, current_who(), person_id=person)
    reach = door().look(services.reach, current_who(), person_id=person)
    page = render_template(
        "cases/person.html",
        reach=reach,
        drawn=drawn(reach),
        myself=person == current_actor().person_id,
        found=found,
        form=form,
        progress=door().look(services.progress, current_who(), person_id=person),
        removable=person != current_actor().person_id
        and found.member.standing in {Standing.ACTIVE, Standing.SUSPENDED},
    )
    return (page, form.problem.status) if form.problem else page
