"""The desk: is anybody falling through?"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from network.cases import services as cases
from network.cases.domain import Case
from network.checkins import services
from network.checkins.web.blueprint import bp
from network.kernel.actor import Role
from network.kernel.ids import CaseId
from network.web.guards import current_who, for_roles
from network.web.here import door
from network.web.words import _

LEAST = 1.5  # percent: the shortest wait is seen too


@dataclass(frozen=True, slots=True)
class Bar:
    """One wait: how wide it is drawn, and whether it is longer than a family was told."""

    case: Case
    width: float
    too_long: bool


@bp.get("/desk")
@for_roles(Role.COORDINATOR)
def desk() -> str:
    """Requests, offers, alarms, late check-ins and the machine."""
    found = door().look(services.desk, current_who())
    if found.cases.to_pass_on:
        door().ask(cases.pass_on, current_who())
    if found.trips_lack_keys:
        door().ask(services.pass_on_trips, current_who())
    if found.plans_lack_keys:
        door().ask(services.pass_on_plans, current_who())
    return render_template("checkins/desk.html", desk=found, bars=_bars(found))


@bp.post("/desk/<uuid:case_id>/hold-erasure")
@for_roles(Role.COORDINATOR)
def hold_unread(case_id: UUID) -> Response:
    """What a family asked to be erased waits, though the reader cannot open it."""
    day = door().ask(cases.hold_unread, current_who(), case_id=CaseId(case_id))
    flash(_("It is not erased before %(day)s.", day=day.strftime("%d/%m/%Y")))
    return redirect(url_for("checkins.desk"), code=303)


def _bars(found: services.DeskPage) -> tuple[Bar, ...]:
    told = door().pack.first_answer
    promised = told.nobody_on_duty if found.nobody_on_duty else told.on_duty
    waits = [each.wait for each in found.cases.requests]
    longest = max([promised * 2, *waits], default=timedelta(hours=1))
    return tuple(
        Bar(
            each.case,
            round(max(LEAST, 100 * (each.wait / longest)), 1),
            each.wait > promised,
        )
        for each in found.cases.requests
    )
