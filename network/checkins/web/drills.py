"""Drills: started here, and how long each waited for a hand, drawn over the year."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from network.checkins import services
from network.checkins.domain.drills import Drill, Rehearsed, nobody_came
from network.checkins.domain.watches import Whom
from network.checkins.web.blueprint import bp
from network.checkins.web.names import sentence
from network.kernel.actor import Role
from network.kernel.errors import BadInput, Refused
from network.kernel.ids import DrillId, PersonId
from network.web.guards import current_who, for_roles
from network.web.here import door
from network.web.words import _

Page = str | Response | tuple[str, int]
YEAR = timedelta(days=366)
HIGH = 120  # the picture's height; the slowest stands at its top
LEAST = timedelta(minutes=10)  # the picture is never finer than this
NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Dot:
    """One drill in the picture: x in percent, y in pixels from the top; red when nobody came."""

    x: float
    y: float
    nobody: bool


@dataclass(frozen=True, slots=True)
class Drawn:
    """A year of drills."""

    dots: tuple[Dot, ...]
    begins: datetime
    ends: datetime
    slowest: int  # minutes at the top of the picture
    high: int = HIGH


@bp.get("/drills")
@for_roles(Role.COORDINATOR)
def drills() -> Page:
    """Every drill of a year, and the form that starts one."""
    return _page()


@bp.post("/drills")
@for_roles(Role.COORDINATOR)
def start_drill() -> Page:
    """Rehearse the chosen rungs now."""
    form = request.form
    typed = {"ladder": form.get("ladder", ""), "stand_in": form.get("stand_in", "")}
    chosen = form.getlist("rungs")
    try:
        door().ask(
            services.start_drill,
            current_who(),
            ladder=_ladder(typed["ladder"]),
            rungs=[each for each in Whom if each.value in chosen],
            stand_in=_person(typed["stand_in"]),
        )
    except Refused as refusal:
        return _page(refusal, typed, chosen)
    flash(_("The drill has begun. Its letters say that it is one."))
    return redirect(url_for("checkins.drills"), code=303)


@bp.post("/drills/<uuid:drill_id>/take")
@for_roles(Role.COORDINATOR)
def take_drill(drill_id: UUID) -> Page:
    """Take it, as one would an alarm."""
    try:
        door().ask(services.take_drill, current_who(), drill_id=DrillId(drill_id))
    except Refused as refusal:
        return _page(refusal)
    return redirect(url_for("checkins.drills"), code=303)


@bp.post("/drills/<uuid:drill_id>/off")
@for_roles(Role.COORDINATOR)
def call_off_drill(drill_id: UUID) -> Page:
    """End it without anybody."""
    try:
        door().ask(services.call_off_drill, current_who(), drill_id=DrillId(drill_id))
    except Refused as refusal:
        return _page(refusal)
    return redirect(url_for("checkins.drills"), code=303)


def _page(
    refusal: Refused | None = None,
    typed: Mapping[str, str] = NOTHING,
    chosen: Sequence[str] = (Whom.DUTY.value, Whom.COORDINATORS.value),
) -> Page:
    problem = sentence(refusal) if refusal else ("", "")
    found = door().look(services.drills_page, current_who())
    page = render_template(
        "checkins/drills.html",
        found=found,
        running=next((one for one in found.drills if one.ended_at is None), None),
        drawn=drawn(found.drills, door().now()),
        problem=problem,
        typed={"ladder": Rehearsed.CHECK_INS.value, "stand_in": "", **typed},
        chosen=chosen,
        minutes=minutes,
        nobody_came=nobody_came,
    )
    return (page, 400 if isinstance(refusal, BadInput) else 409) if refusal else page


def drawn(drills: Sequence[Drill], now: datetime) -> Drawn:
    """Where each ended drill stands: to the right the newer, to the top the slower."""
    over = [one for one in drills if one.took is not None or nobody_came(one)]
    waits = [one.took for one in over if one.took is not None]
    top = max([LEAST, *waits])
    begins = min([now - timedelta(days=30), *(one.begun_at for one in over)])
    dots = tuple(
        Dot(
            round(100 * ((one.begun_at - begins) / (now - begins)), 1),
            0.0 if one.took is None else round(HIGH * (1 - one.took / top), 1),
            one.took is None,
        )
        for one in over
    )
    return Drawn(dots, begins, now, minutes(top))


def minutes(wait: timedelta) -> int:
    """Whole minutes, as people say them."""
    return round(wait.total_seconds() / 60)


def _ladder(typed: str) -> Rehearsed:
    try:
        return Rehearsed(typed)
    except ValueError:
        raise BadInput("ladder", "not_one") from None


def _person(typed: str) -> PersonId | None:
    if not typed:
        return None
    try:
        return PersonId(UUID(typed))
    except ValueError:
        raise BadInput("stand_in", "not_one") from None
