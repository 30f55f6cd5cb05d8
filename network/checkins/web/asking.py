"""How a family is asked, or the member who reads: rhythms, a single question, the answers."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from network.cases.timeline import Lane, Mark, Timeline, timeline
from network.checkins import services
from network.checkins.domain.prompts import CLIMBING, PromptStatus
from network.checkins.domain.watches import Happened
from network.checkins.web import forms
from network.checkins.web.blueprint import bp
from network.checkins.web.forms import SECONDS
from network.checkins.web.names import sentence
from network.kernel.errors import BadInput, Refused
from network.kernel.ids import CaseId, RhythmId
from network.web.guards import current_who, for_active
from network.web.here import door
from network.web.words import _

Page = str | Response | tuple[str, int]
MISSED = CLIMBING | {PromptStatus.RESOLVED}
NOTHING: Mapping[str, Any] = {}


@bp.get("/my/checkins")
@bp.get("/cases/<uuid:case_id>/checkins")
@for_active
def show(case_id: UUID | None = None) -> Page:
    """How they are asked, and what came back."""
    return _page(case_id)


@bp.post("/my/checkins")
@bp.post("/cases/<uuid:case_id>/checkins")
@for_active
def set_rhythm(case_id: UUID | None = None) -> Page:
    """Ask like this from now on."""
    typed = forms.typed()
    try:
        door().ask(
            services.set_rhythm, current_who(), case_id=_case(case_id), **forms.habits(typed)
        )
    except Refused as refusal:
        return _page(case_id, refusal, typed)
    flash(_("From now on it is asked like this."))
    return _back(case_id)


@bp.post("/cases/<uuid:case_id>/checkins/once")
@for_active
def ask_once(case_id: UUID) -> Page:
    """Ask one time: now, or at a moment by the family's own clock."""
    typed = {"at": request.form.get("at", "")}
    case = CaseId(case_id)
    try:
        zone = door().look(services.overview, current_who(), case_id=case).usual.zone
        at = forms.moment("at", typed["at"], zone) if typed["at"] else None
        door().ask(services.ask_once, current_who(), case_id=case, at=at)
    except Refused as refusal:
        return _page(case_id, refusal, typed)
    flash(_("They will be asked then.") if typed["at"] else _("They are asked within a minute."))
    return _back(case_id)


@bp.post("/my/checkins/<uuid:rhythm_id>/pause")
@bp.post("/cases/<uuid:case_id>/checkins/<uuid:rhythm_id>/pause")
@for_active
def pause(rhythm_id: UUID, case_id: UUID | None = None) -> Page:
    """Ask nothing for now, or until a moment."""
    typed = {"until": request.form.get("until", "")}
    try:
        zone = _overview(case_id).usual.zone
        until = forms.moment("until", typed["until"], zone) if typed["until"] else None
        door().ask(
            services.pause,
            current_who(),
            case_id=_case(case_id),
            rhythm_id=RhythmId(rhythm_id),
            until=until,
        )
    except Refused as refusal:
        return _page(case_id, refusal, typed)
    return _back(case_id)


@bp.post("/my/checkins/<uuid:rhythm_id>/resume")
@bp.post("/cases/<uuid:case_id>/checkins/<uuid:rhythm_id>/resume")
@for_active
def resume(rhythm_id: UUID, case_id: UUID | None = None) -> Page:
    """Ask again."""
    return _turn(services.resume, case_id, rhythm_id)


@bp.post("/my/checkins/<uuid:rhythm_id>/skip")
@bp.post("/cases/<uuid:case_id>/checkins/<uuid:rhythm_id>/skip")
@for_active
def skip(rhythm_id: UUID, case_id: UUID | None = None) -> Page:
    """Leave out the next question, the one the page showed."""
    known = request.form.get("next", "")
    shown = datetime.fromtimestamp(int(known), UTC) if SECONDS.match(known) else None
    try:
        door().ask(
            services.skip,
            current_who(),
            case_id=_case(case_id),
            rhythm_id=RhythmId(rhythm_id),
            shown=shown,
        )
    except Refused as refusal:
        return _page(case_id, refusal)
    return _back(case_id)


@bp.post("/my/checkins/<uuid:rhythm_id>/end")
@bp.post("/cases/<uuid:case_id>/checkins/<uuid:rhythm_id>/end")
@for_active
def end(rhythm_id: UUID, case_id: UUID | None = None) -> Page:
    """Ask no more."""
    return _turn(services.end_rhythm, case_id, rhythm_id)


def _turn(service: services.Turn, case_id: UUID | None, rhythm_id: UUID) -> Page:
    try:
        door().ask(service, current_who(), case_id=_case(case_id), rhythm_id=RhythmId(rhythm_id))
    except Refused as refusal:
        return _page(case_id, refusal)
    return _back(case_id)


def _case(case_id: UUID | None) -> CaseId | None:
    return None if case_id is None else CaseId(case_id)


def _here(case_id: UUID | None) -> dict[str, Any]:
    return {} if case_id is None else {"case_id": case_id}


def _back(case_id: UUID | None) -> Response:
    return redirect(url_for("checkins.show", **_here(case_id)), code=303)


def _overview(case_id: UUID | None) -> services.Overview:
    if case_id is None:
        return door().look(services.my_checkins, current_who())
    return door().look(services.overview, current_who(), case_id=CaseId(case_id))


def _page(
    case_id: UUID | None, refusal: Refused | None = None, typed: Mapping[str, Any] = NOTHING
) -> Page:
    problem = sentence(refusal) if refusal else ("", "")
    found = _overview(case_id)
    now = door().now()
    page = render_template(
        "checkins/show.html" if case_id else "checkins/mine.html",
        case=found.case,
        here=_here(case_id),
        found=found,
        problem=problem,
        typed={**forms.empty(), **typed},
        forms=forms,
        drawn=_drawn(found, now),
        local=lambda moment: moment.astimezone(ZoneInfo(found.usual.zone)),
        asking_now=now,
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
