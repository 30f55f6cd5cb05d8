"""Coming in with a device, and one's list of such devices."""

from uuid import UUID

from flask import Response as Answer
from flask import flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from network.kernel.actor import InSession
from network.kernel.errors import BadInput, Refused, SlowDown, WrongMoment
from network.people import services, visits
from network.people.browser import become_familiar, caller
from network.people.domain import TooManyDevices, WrongCredentials
from network.people.entrance import passkeys
from network.people.services import passkeys as mine
from network.people.web.blueprint import Page, again, bp, secret, this_session, typed
from network.people.web.own import account_page
from network.people.web.proving import site
from network.people.words import Problem, problem_of
from network.web.guards import current_who, for_members, public
from network.web.here import door
from network.web.words import _

ALONE = "alone"
SLIP = "slip"  # in the cookie


@bp.get("/enter/device")
@public
def ask_device() -> Answer:
    """The question a browser puts to whichever device its owner chooses, as JSON."""
    return Answer(passkeys.to_enter(door(), site()), mimetype="application/json")


@bp.post("/enter/device")
@public
def enter_by_device() -> Page:
    """Its answer. What the device alone can compute comes in a field of its own."""
    try:
        found = passkeys.enter(
            door(),
            site(),
            credential=typed("credential"),
            output=typed("output"),
            caller=caller(),
        )
    except (WrongCredentials, WrongMoment):
        problem = Problem("form", _("This device did not let you in. Use your passphrase."))
        return again("people/enter.html", problem, typed="")
    if isinstance(found, InSession):
        return _inside(found)
    session[SLIP] = found
    return redirect(url_for("people.enter_after_device"), code=303)


@bp.route("/enter/device/passphrase", methods=["GET", "POST"])
@public
def enter_after_device() -> Page:
    """The passphrase, where the device that answered does not stand for it. That it answered is in
    this browser's cookie alone.
    """
    carried = session.get(SLIP)
    if carried is None:
        return redirect(url_for("people.enter"), code=303)
    if request.method == "GET":
        return render_template("people/enter_passphrase.html", problem=None)
    try:
        who = passkeys.finish(
            door(), carried=carried, passphrase=secret("passphrase"), caller=caller()
        )
    except WrongCredentials:
        said = _("That is not your passphrase, or too much time went by.")
        return again("people/enter_passphrase.html", Problem("passphrase", said))
    except SlowDown as refusal:
        return again("people/enter_passphrase.html", problem_of(refusal))
    return _inside(who)


@bp.post("/account/devices/ask")
@for_members
def ask_new_device() -> Page:
    """The passphrase and a fresh second factor first; then what a browser asks a device for, on a
    page of its own.
    """
    shown = passkeys.Shown(typed("code"), typed("credential"), request.path)
    try:
        options = passkeys.to_add(
            door(), this_session(), site(), passphrase=secret("opening"), shown=shown
        )
    except WrongCredentials:
        said = _("The passphrase, the code or the device is not right. Each code works once.")
        return account_page(problem=Problem("device", said))
    except TooManyDevices as refusal:
        return account_page(problem=_about_device(refusal))
    except SlowDown as refusal:
        return account_page(problem=problem_of(refusal))
    return render_template("people/device.html", options=options, problem=None)


@bp.post("/account/devices")
@for_members
def add_device() -> Page:
    """Keep the passkey that was made."""
    try:
        passkeys.add(
            door(),
            this_session(),
            site(),
            credential=typed("credential"),
            output=typed("output") if typed("opens") == ALONE else "",
            label=typed("label"),
        )
    except (WrongCredentials, BadInput, TooManyDevices) as refusal:
        return account_page(problem=_about_device(refusal))
    flash(_("This device is added."))
    return redirect(url_for("people.account"), code=303)


@bp.post("/account/devices/<uuid:passkey_id>/remove")
@for_members
def remove_device(passkey_id: UUID) -> Response:
    """One of the reader's own opens nothing any more."""
    door().ask(mine.remove_passkey, current_who(), passkey_id=passkey_id)
    flash(_("That device does not open your account any more. Other browsers were signed out."))
    return redirect(url_for("people.account"), code=303)


def _about_device(refusal: Refused) -> Problem:
    if isinstance(refusal, TooManyDevices):
        said = _("This account has as many devices as one can have. Take off one you do not use.")
        return Problem("device", said, 409)
    if isinstance(refusal, WrongCredentials):
        return Problem("device", _("This device could not be added. Try once more."))
    return Problem("device", problem_of(refusal).sentence)


def _inside(who: InSession) -> Response:
    visits.enter(who)
    response = redirect(url_for("people.start"), code=303)
    become_familiar(response, door().look(services.account, who).member.profile.handle)
    return response
