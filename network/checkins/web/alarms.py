"""One alarm: what happened, who has it, taking it and ending it."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from network.cases.services import looking
from network.checkins import services
from network.checkins.web.blueprint import bp
from network.checkins.web.names import sentence
from network.kernel.actor import Role
from network.kernel.errors import NotVisible, Refused
from network.kernel.hidden import Plaintext
from network.kernel.ids import AlarmId, CaseId
from network.web.guards import current_actor, current_who, for_roles
from network.web.here import door
from network.web.words import _

Page = str | Response | tuple[str, int]
MEMBERS = (Role.ACTIVIST, Role.COORDINATOR)


@bp.get("/alarms/<uuid:watch_id>")
@for_roles(*MEMBERS)
def alarm(watch_id: UUID) -> Page:
    """The alarm as it is now."""
    return _page(AlarmId(watch_id))


@bp.post("/alarms/<uuid:watch_id>/own")
@for_roles(*MEMBERS)
def own(watch_id: UUID) -> Page:
    """Take it, or say again that one has it."""
    try:
        door().ask(services.own, current_who(), watch_id=AlarmId(watch_id))
    except Refused as refusal:
        return _page(AlarmId(watch_id), refusal)
    flash(_("You have it. Within half an hour, end it or say again that you have it."))
    return redirect(url_for("checkins.alarm", watch_id=watch_id), code=303)


@bp.post("/alarms/<uuid:watch_id>/resolve")
@for_roles(*MEMBERS)
def resolve(watch_id: UUID) -> Page:
    """Say how it ended."""
    typed = request.form.get("outcome", "")
    outcome = Plaintext(typed)
    try:
        door().ask(services.resolve, current_who(), watch_id=AlarmId(watch_id), outcome=outcome)
    except Refused as refusal:
        return _page(AlarmId(watch_id), refusal, typed)
    flash(_("It is ended, and nobody is told of it again."))
    desk = current_actor().role is Role.COORDINATOR
    return redirect(url_for("checkins.desk" if desk else "cases.index"), code=303)


def _page(watch_id: AlarmId, refusal: Refused | None = None, typed: str = "") -> Page:
    problem = sentence(refusal) if refusal else ("", "")
    found = door().look(services.alarm, current_who(), watch_id=watch_id)
    page = render_template(
        "checkins/alarm.html",
        alarm=found,
        problem=problem,
        typed=typed,
        may_enter=found.case_id is not None and _may_enter(found.case_id),
    )
    return (page, 400 if problem[0] == "outcome" else 409) if refusal else page


def _may_enter(case_id: CaseId) -> bool:
    """Whether the reader holds a key to the room it is about."""
    try:
        door().look(looking.heading, current_who(), case_id=case_id)
    except NotVisible:
        return False
    return True
