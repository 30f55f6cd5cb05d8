"""What is open to me, and the room: reading, writing, noting, files."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from network.cases import files, services
from network.cases.domain import MAX_FILE, Case, CaseStatus
from network.cases.forms import Form, filled, sent
from network.cases.services import looking
from network.cases.timeline import timeline
from network.cases.web.blueprint import bp
from network.cases.web.carrying import brought, handed_out
from network.cases.web.shown import (
    Can,
    asked_before,
    marks_of,
    place_name,
    shown_entries,
    shown_holders,
)
from network.kernel.actor import Role
from network.kernel.errors import Refused
from network.kernel.ids import CaseId, EntryId, new_id
from network.web.guards import current_actor, current_who, for_active
from network.web.here import door
from network.web.uploads import carries_files

Page = str | Response | tuple[str, int]
LONGEST_NAME = 64  # of a form
OPEN = tuple(status for status in CaseStatus if status is not CaseStatus.CLOSED)


@bp.get("/")
@for_active
def index() -> Page:
    """What the reader is asked, and what they can open; the closed ones where they ask for them."""
    closed = "closed" in request.args
    statuses = (CaseStatus.CLOSED,) if closed else OPEN
    found = door().look(looking.mine, current_who(), statuses=statuses)
    if found.to_pass_on:
        door().ask(services.pass_on, current_who())
    return render_template(
        "cases/index.html",
        offers=found.offers,
        endings=found.endings,
        places={each.offer.id: place_name(each.zone) for each in found.offers},
        groups=_grouped(found.cases),
        closed=closed,
    )


@bp.get("/<uuid:case_id>")
@for_active
def room(case_id: UUID) -> Page:
    """One look into the room; it leaves a receipt."""
    return _room(CaseId(case_id))


@bp.post("/<uuid:case_id>/write")
@carries_files
@for_active
def write(case_id: UUID) -> Page:
    """Words, a file or both to the family."""
    form, who, case = sent("text", "form"), current_who(), CaseId(case_id)
    door().look(services.companion, who, case_id=case)
    try:
        file = brought(door(), who, request.files.get("file"))
        door().ask(
            services.write,
            who,
            case_id=case,
            text=form.text("text"),
            file=file,
            form=form.one("form")[:LONGEST_NAME] or None,
        )
    except Refused as refusal:
        return _room(case, form=form.failed(refusal))
    return _to_the_end(case)


@bp.post("/<uuid:case_id>/note")
@for_active
def note(case_id: UUID) -> Page:
    """Something for those who accompany, and for nobody else."""
    form, case = sent("note"), CaseId(case_id)
    try:
        door().ask(services.note, current_who(), case_id=case, text=form.text("note"))
    except Refused as refusal:
        return _room(case, note_form=form.failed(refusal, text="note"))
    return _to_the_end(case)


@bp.get("/<uuid:case_id>/entries/<uuid:entry_id>/file")
@for_active
def file(case_id: UUID, entry_id: UUID) -> Response:
    """The file of one entry; it leaves a receipt."""
    who, case = current_who(), CaseId(case_id)
    found = door().ask(files.link, who, case_id=case, entry_id=EntryId(entry_id))
    return handed_out(door(), who, case, found)


def _room(case_id: CaseId, form: Form | None = None, note_form: Form | None = None) -> Page:
    before = asked_before()
    visit = door().ask(looking.visit, current_who(), case_id=case_id, before=before)
    seen = visit.room
    page = render_template(
        "cases/room.html",
        case=seen.case,
        wishes=visit.wishes,
        may_hold=visit.wishes.can_be_held and current_actor().role is Role.COORDINATOR,
        place=place_name(seen.case.card.zone),
        holders=shown_holders(seen.case, seen.holders),
        entries=shown_entries(seen.entries, visit.names, seen.deliveries),
        unreadable=seen.unreadable,
        earlier=seen.more,
        is_newest=before is None,
        is_closed=seen.case.status is CaseStatus.CLOSED,
        drawn=timeline(marks_of(seen.entries), now=door().now()),
        can=Can(seen.may, seen.case.status),
        most_bytes=MAX_FILE,
        form=form or filled(form=new_id().hex),
        note_form=note_form or Form(),
    )
    problem = next((each.problem for each in (form, note_form) if each and each.problem), None)
    return (page, problem.status) if problem else page


def _grouped(cases: tuple[Case, ...]) -> list[tuple[str, list[Case]]]:
    """Cases by where they stand, those that wait for somebody first."""
    found = ((status, [each for each in cases if each.status is status]) for status in CaseStatus)
    return [(status, group) for status, group in found if group]


def _to_the_end(case_id: CaseId) -> Response:
    return redirect(url_for("cases.room", case_id=case_id) + "#write", code=303)
