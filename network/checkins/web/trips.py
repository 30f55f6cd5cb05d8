"""A trip's pages: for whoever travels, and for a responder when it went wrong."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from network.checkins import services
from network.checkins.web import forms
from network.checkins.web.alarms import over
from network.checkins.web.blueprint import bp
from network.checkins.web.names import sentence
from network.kernel.errors import BadInput, NotVisible, Refused
from network.kernel.hidden import Plaintext
from network.kernel.ids import AlarmId
from network.web.guards import current_who, for_active
from network.web.here import door
from network.web.words import _

Page = str | Response | tuple[str, int]


@bp.get("/trip")
@for_active
def trip() -> Page:
    """The trip there is, or the form of a new one."""
    return _page()


@bp.post("/trip")
@for_active
def begin_trip() -> Page:
    """From now on somebody waits for them."""
    typed = {name: request.form.get(name, "") for name in ("destination", "back_at")}
    try:
        zone = door().look(services.zone_of, current_who())
        door().ask(
            services.begin_trip,
            current_who(),
            destination=Plaintext(typed["destination"]),
            back_at=forms.moment("back_at", typed["back_at"], zone),
        )
    except Refused as refusal:
        return _page(refusal, typed)
    flash(_("You are waited for. Write here or in Telegram when you arrive."))
    return _back()


@bp.post("/trip/later")
@for_active
def extend_trip() -> Page:
    """Half an hour or two hours more than the page said, however often it is pressed."""
    minutes, known = request.form.get("minutes", ""), request.form.get("shown", "")
    try:
        if minutes not in {"30", "120"} or not forms.SECONDS.match(known):
            raise BadInput("form", "out_of_range")
        more, shown = timedelta(minutes=int(minutes)), datetime.fromtimestamp(int(known), UTC)
        door().ask(services.extend, current_who(), more=more, shown=shown)
    except NotVisible:  # ended in the chat, or pressed twice
        flash(_("That trip is over already. Begin another one if you are still on the way."))
        return _back()
    except Refused as refusal:
        return _page(refusal)
    return _back()


@bp.post("/trip/arrived")
@for_active
def end_trip() -> Page:
    """Back: nothing of it is kept; also said again, where it was said in the chat before."""
    with suppress(NotVisible):
        door().ask(services.arrive, current_who())
    flash(_("Good that you are back. Nothing of the trip is kept."))
    return redirect(url_for("checkins.show"), code=303)


@bp.post("/trip/help")
@for_active
def call_for_help() -> Page:
    """Those on duty are told at once."""
    door().ask(services.need_help, current_who())
    flash(_("Noted."))
    return _back()


@bp.post("/alarms/<uuid:watch_id>/trip")
@for_active
def open_trip(watch_id: UUID) -> Page:
    """What a responder needs, while the alarm rings; opening it leaves a receipt."""
    try:
        found = door().ask(services.trip_of_alarm, current_who(), watch_id=AlarmId(watch_id))
        ringing = door().look(services.alarm, current_who(), watch_id=AlarmId(watch_id))
    except NotVisible:
        return over()
    return render_template("checkins/trip_opened.html", trip=found, alarm=ringing)


def _back() -> Response:
    return redirect(url_for("checkins.trip"), code=303)


def _page(refusal: Refused | None = None, typed: dict[str, str] | None = None) -> Page:
    problem = sentence(refusal) if refusal else ("", "")
    found = door().look(services.my_trip, current_who())
    zone = door().look(services.zone_of, current_who())
    page = render_template(
        "checkins/trip.html",
        trip=found,
        zone=zone,
        problem=problem,
        typed={"destination": "", "back_at": "", **(typed or {})},
        local=lambda moment: moment.astimezone(ZoneInfo(zone)),
    )
    status = 400 if isinstance(refusal, BadInput) else 409
    return (page, status) if refusal else page
