"""A member's own plan: whom to call when an alarm about them rings, and whom never."""

from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from network.checkins import services
from network.checkins.domain.callplans import CallPlan
from network.checkins.domain.memberplans import RUNGS
from network.checkins.web.blueprint import bp
from network.checkins.web.names import sentence
from network.kernel.errors import BadInput, Refused
from network.web.guards import current_who, for_active
from network.web.here import door
from network.web.words import _

Page = str | Response | tuple[str, int]
FIELDS = ("never", *(each.value for each in RUNGS))


@bp.get("/my/plan")
@for_active
def my_plan() -> Page:
    """The plan, the form that writes it, and on which days it was opened."""
    return _page()


@bp.post("/my/plan")
@for_active
def write_my_plan() -> Page:
    """Keep it, in the place of the one before."""
    form = request.form
    try:
        written = CallPlan(
            form.get("never", "").strip(),
            {whom: form.get(whom.value, "").strip() for whom in RUNGS},
        )
        door().ask(services.write_my_plan, current_who(), plan=written)
    except Refused as refusal:
        return _page(refusal)
    if written.is_empty:
        flash(_("It is taken away."))
    else:
        flash(_("It is sealed, and stands on the page of every alarm about you."))
    return redirect(url_for("checkins.my_plan"), code=303)


def _page(refusal: Refused | None = None) -> Page:
    problem = sentence(refusal) if refusal else ("", "")
    found = door().look(services.my_plan, current_who())
    if found.some_lack_keys:
        door().ask(services.pass_on_plans, current_who())
    zone = ZoneInfo(door().pack.time_zone)
    page = render_template(
        "checkins/my_plan.html",
        plan=found.written.plan if found.written else CallPlan(),
        written_on=found.written.at.astimezone(zone) if found.written else None,
        opened_on=list(dict.fromkeys(at.astimezone(zone).date() for at in found.openings)),
        rungs=RUNGS,
        typed={name: request.form.get(name) for name in FIELDS},
        problem=problem,
    )
    return (page, 400 if isinstance(refusal, BadInput) else 409) if refusal else page
