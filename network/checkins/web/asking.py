"""How one family is asked: its rhythm, a single question, and what was answered."""

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from network.cases.timeline import Lane, Mark, Timeline, timeline
from network.checkins import services
from network.checkins.domain.prompts import CLIMBING, PromptStatus
from network.checkins.domain.watches import Happened
from network.checkins.web.blueprint import bp
from network.checkins.web.names import sentence
from network.kernel.actor import Role
from network.kernel.errors import BadInput, Refused
from network.kernel.ids import CaseId, RhythmId
from network.web.guards import current_who, for_roles
from network.web.here import door
from network.web.words import _

Page = str | Response | tuple[str, int]
MEMBERS = (Role.ACTIVIST, Role.COORDINATOR)
HOURS = (1, 2, 3, 4, 6, 8, 12, 24, 48, 72)
MISSED = CLIMBING | {PromptStatus.RESOLVED}
NOTHING: Mapping[str, str] = {}


@bp.get("/cases/<uuid:case_id>/checkins")
@for_roles(*MEMBERS)
def show(case_id: UUID) -> Page:
    """How this family is asked, and what came back."""
    return _page(CaseId(case_id))


@bp.post("/cases/<uuid:case_id>/checkins")
@for_roles(*MEMBERS)
def set_rhythm(case_id: UUID) -> Page:
    """Ask every so often from now on."""
    typed = {name: request.form.get(name, "") for name in ("every", "begins", "ends")}
    try:
        door().ask(
            services.set_rhythm,
            current_who(),
            case_id=CaseId(case_id),
            every=_every(typed["every"]),
            begins=_time("begins", typed["begins"]),
            ends=_time("ends", typed["ends"]),
        )
    except Refused as refusal:
        return _page(CaseId(case_id), refusal, typed)
    flash(_("From now on they are asked like this."))
    return _back(case_id)


@bp.post("/cases/<uuid:case_id>/checkins/once")
@for_roles(*MEMBERS)
def ask_once(case_id: UUID) -> Page:
    """Ask one time: now, or at a moment by the family's own clock."""
    typed = {"at": request.form.get("at", "")}
    case = CaseId(case_id)
    try:
        zone = door().look(services.overview, current_who(), case_id=case).usual.zone
        at = _moment(typed["at"], zone) if typed["at"] else None
        door().ask(services.ask_once, current_who(), case_id=case, at=at)
    except Refused as refusal:
        return _page(case, refusal, typed)
    flash(_("They will be asked then.") if typed["at"] else _("They are asked within a minute."))
    return _back(case_id)


@bp.post("/cases/<uuid:case_id>/checkins/<uuid:rhythm_id>/pause")
@for_roles(*MEMBERS)
def pause(case_id: UUID, rhythm_id: UUID) -> Page:
    """Ask nothing for now."""
    return _turn(services.pause, case_id, rhythm_id)


@bp.post("/cases/<uuid:case_id>/checkins/<uuid:rhythm_id>/resume")
@for_roles(*MEMBERS)
def resume(case_id: UUID, rhythm_id: UUID) -> Page:
    """Ask again."""
    return _turn(services.resume, case_id, rhythm_id)


@bp.post("/cases/<uuid:case_id>/checkins/<uuid:rhythm_id>/end")
@for_roles(*MEMBERS)
def end(case_id: UUID, rhythm_id: UUID) -> Page:
    """Ask no more."""
    return _turn(services.end_rhythm, case_id, rhythm_id)


def _turn(service: services.Turn, case_id: UUID, rhythm_id: UUID) -> Page:
    try:
        door().ask(service, current_who(), case_id=CaseId(case_id), rhythm_id=RhythmId(rhythm_id))
    except Refused as refusal:
        return _page(CaseId(case_id), refusal)
    return _back(case_id)


def _back(case_id: UUID) -> Response:
    return redirect(url_for("checkins.show", case_id=case_id), code=303)


def _page(
    case_id: CaseId, refusal: Refused | None = None, typed: Mapping[str, str] = NOTHING
) -> Page:
    problem = sentence(refusal) if refusal else ("", "")
    found = door().look(services.overview, current_who(), case_id=case_id)
    now = door().now()
    page = render_template(
        "checkins/show.html",
        case=found.case,
        found=found,
        problem=problem,
        typed={"every": "", "begins": "", "ends": "", "at": "", **typed},
        hours=HOURS,
        drawn=_drawn(found, now),
        local=lambda moment: moment.astimezone(ZoneInfo(found.usual.zone)),
    )
    status = 400 if isinstance(refusal, BadInput) else 409
    return (page, status) if refusal else page


def _drawn(found: services.Overview, now: datetime) -> Timeline:
    asked = [Mark(one.prompt.planned_at, Lane.CHECK_INS) for one in found.asked]
    missed = (one.prompt for one in found.asked if one.prompt.status in MISSED)
    rang = (one.delivered_at or one.planned_at for one in missed)
    told = (
        line.at for alarm in found.alarms for line in alarm.history if line.what is Happened.TOLD
    )
    return timeline([*asked, *_rings(rang), *_rings(told)], now=now)


def _rings(moments: Iterable[datetime]) -> list[Mark]:
    return [Mark(at, Lane.ALARMS) for at in moments]


def _every(text: str) -> timedelta:
    if not text.isascii() or not text.isdigit() or int(text) not in HOURS:
        raise BadInput("every", "out_of_range")
    return timedelta(hours=int(text))


def _time(field: str, text: str) -> time:
    try:
        found = time.fromisoformat(text)
    except ValueError:
        raise BadInput(field, "not_a_time") from None
    if found.tzinfo is not None:
        raise BadInput(field, "not_a_time")
    return found


def _moment(text: str, zone: str) -> datetime:
    """A moment as a browser writes it, by the clock of the family."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput("at", "not_a_time") from None
    if found.tzinfo is not None:
        raise BadInput("at", "not_a_time")
    return found.replace(tzinfo=ZoneInfo(zone))
