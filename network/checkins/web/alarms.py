"""One alarm: what happened, who has it, taking it and ending it."""

from collections.abc import Mapping
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from network.cases.services import WaitingErasure, looking
from network.checkins import services
from network.checkins.domain.callplans import CallPlan, PlanShut
from network.checkins.domain.memberplans import RidesAlong
from network.checkins.domain.watches import TO_CHOOSE, Outcome
from network.checkins.services.alarms import Alarm
from network.checkins.store.endings import Written
from network.checkins.web.blueprint import bp
from network.checkins.web.names import sentence
from network.kernel.actor import Role
from network.kernel.errors import BadInput, NotAllowed, NotVisible, Refused
from network.kernel.hidden import Plaintext
from network.kernel.ids import AlarmId, CaseId
from network.web.guards import current_actor, current_who, for_active, for_roles
from network.web.here import door
from network.web.words import _

Page = str | Response | tuple[str, int]
NOTHING: Mapping[str, str] = {}


@bp.get("/alarms/<uuid:watch_id>")
@for_active
def alarm(watch_id: UUID) -> Page:
    """The alarm as it is now."""
    return _page(AlarmId(watch_id))


@bp.post("/alarms/<uuid:watch_id>/own")
@for_active
def own(watch_id: UUID) -> Page:
    """Take it."""
    try:
        door().ask(services.own, current_who(), watch_id=AlarmId(watch_id))
    except Refused as refusal:
        return _page(AlarmId(watch_id), refusal)
    flash(_("You have it. Before your time is over, end it or say what you are doing."))
    return redirect(url_for("checkins.alarm", watch_id=watch_id), code=303)


@bp.post("/alarms/<uuid:watch_id>/renew")
@for_active
def renew(watch_id: UUID) -> Page:
    """Keep it, and say what is being done."""
    typed = request.form.get("doing", "")
    doing = Plaintext(typed)
    try:
        door().ask(services.renew, current_who(), watch_id=AlarmId(watch_id), doing=doing)
    except Refused as refusal:
        return _page(AlarmId(watch_id), refusal, {"doing": typed})
    flash(_("You still have it. What you wrote is kept."))
    return redirect(url_for("checkins.alarm", watch_id=watch_id), code=303)


@bp.post("/alarms/<uuid:watch_id>/resolve")
@for_active
def resolve(watch_id: UUID) -> Page:
    """Say how it ended."""
    typed = {name: request.form.get(name, "") for name in ("outcome", "words")}
    try:
        door().ask(
            services.resolve,
            current_who(),
            watch_id=AlarmId(watch_id),
            outcome=_outcome(typed["outcome"]),
            words=Plaintext(typed["words"]),
        )
    except Refused as refusal:
        return _page(AlarmId(watch_id), refusal, typed)
    flash(_("It is ended, and nobody is told of it again."))
    desk = current_actor().role is Role.COORDINATOR
    return redirect(url_for("checkins.desk" if desk else "cases.index"), code=303)


@bp.post("/alarms/<uuid:watch_id>/hold-erasure")
@for_roles(Role.COORDINATOR)
def hold_erasure(watch_id: UUID) -> Page:
    """What the family asked to be erased waits some days more."""
    try:
        day = door().ask(services.hold_erasure, current_who(), watch_id=AlarmId(watch_id))
    except Refused as refusal:
        return _page(AlarmId(watch_id), refusal)
    flash(_("It is not erased before %(day)s.", day=day.strftime("%d/%m/%Y")))
    return redirect(url_for("checkins.alarm", watch_id=watch_id), code=303)


def _outcome(typed: str) -> Outcome:
    try:
        return Outcome(typed)
    except ValueError:
        raise BadInput("outcome", "not_one") from None


def _page(
    watch_id: AlarmId, refusal: Refused | None = None, typed: Mapping[str, str] = NOTHING
) -> Page:
    try:
        found = door().look(services.alarm, current_who(), watch_id=watch_id)
    except NotVisible:
        return over(typed)
    problem = sentence(refusal) if refusal else ("", "")
    plan, plan_problem = _plan(found.case_id)
    page = render_template(
        "checkins/alarm.html",
        alarm=found,
        problem=problem,
        typed={"doing": "", "outcome": "", "words": "", **typed},
        outcomes=[(each, services.OUTCOMES[each]) for each in TO_CHOOSE],
        plan=plan,
        plan_problem=plan_problem,
        own_plan=None if found.about.person is None else _own_plan(watch_id),
        written=_written(found),
        waiting=_waiting(watch_id),
        may_enter=found.case_id is not None and _may_enter(found.case_id),
    )
    return (page, 400 if isinstance(refusal, BadInput) else 409) if refusal else page


def over(typed: Mapping[str, str] = NOTHING) -> Page:
    """What whoever had one sees once they answered; also who never could, so that none can tell."""
    words = [typed[name] for name in ("doing", "words") if name in typed]
    return render_template("checkins/over.html", typed=words), 404


def _written(alarm: Alarm) -> tuple[Written, ...]:
    """What is being done about a member; about a family it stands in the room."""
    if alarm.about.person is None:
        return ()
    return door().look(services.written, current_who(), watch_id=alarm.id)


def _waiting(watch_id: AlarmId) -> WaitingErasure | None:
    """What the family asked to be erased, where coordination reads."""
    if current_actor().role is not Role.COORDINATOR:
        return None
    return door().look(services.waiting_erasure, current_who(), watch_id=watch_id)


def _plan(case_id: CaseId | None) -> tuple[CallPlan | None, str]:
    """Whom to call, where the reader holds the key, and what is wrong with it."""
    if case_id is None:
        return None, ""
    try:
        return door().ask(services.call_plan, current_who(), case_id=case_id), ""
    except PlanShut as refusal:
        return None, sentence(refusal)[1]
    except (NotVisible, NotAllowed):
        return None, ""


def _own_plan(watch_id: AlarmId) -> RidesAlong | None:
    """Whom to call, as the member wrote it whom the alarm is about."""
    try:
        return door().ask(services.plan_of_alarm, current_who(), watch_id=watch_id)
    except NotVisible:  # it ended meanwhile
        return None


def _may_enter(case_id: CaseId) -> bool:
    """Whether the reader holds a key to the room it is about."""
    try:
        door().look(looking.heading, current_who(), case_id=case_id)
    except NotVisible:
        return False
    return True
