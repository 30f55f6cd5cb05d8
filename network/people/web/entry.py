"""Coming in, going out, and coming back by the printed code."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from network.kernel.actor import Actor, Role
from network.kernel.errors import Refused
from network.people import entrance, visits
from network.people.browser import become_familiar, caller
from network.people.web.blueprint import Page, again, bp, secret, typed
from network.people.words import differ, problem_of
from network.web.guards import current_actor, for_members, public
from network.web.here import door


@bp.route("/enter", methods=["GET", "POST"])
@public
def enter() -> Page:
    """Name, passphrase and code together."""
    if request.method == "GET":
        return render_template("people/enter.html", problem=None, typed="")
    handle = typed("handle")
    try:
        who = entrance.sign_in(
            door(),
            handle=handle,
            passphrase=secret("passphrase"),
            code=typed("code"),
            caller=caller(),
        )
    except Refused as refusal:
        problem = problem_of(refusal)
        return again("people/enter.html", problem, typed=handle)
    visits.enter(who)
    response = redirect(url_for("people.start"), code=303)
    become_familiar(response, handle)
    return response


@bp.get("/start")
@for_members
def start() -> Response:
    """The reader's first page. Signing in leads everybody here, so that its answer is one."""
    return redirect(_first_page(current_actor()), code=303)


@bp.post("/leave")
@for_members
def sign_out() -> Response:
    """End this session, on the server too."""
    visits.leave()
    return redirect(url_for("web.landing"), code=303)


@bp.route("/recover", methods=["GET", "POST"])
@public
def recover() -> Page:
    """The printed code and the authenticator give back a lost account."""
    if request.method == "GET":
        return render_template("people/recover.html", problem=None, typed="", printed=None)
    handle, passphrase = typed("handle"), secret("passphrase")
    if passphrase != secret("again"):
        return again("people/recover.html", differ(), typed=handle, printed=None)
    try:
        printed = entrance.recover(
            door(),
            handle=handle,
            printed=secret("printed"),
            code=typed("code"),
            passphrase=passphrase,
            caller=caller(),
        )
    except Refused as refusal:
        return again("people/recover.html", problem_of(refusal), typed=handle, printed=None)
    return render_template("people/recover.html", problem=None, typed="", printed=printed)


def _first_page(actor: Actor) -> str:
    match actor:
        case Actor(active=True, role=Role.COORDINATOR):
            return url_for("checkins.desk")
        case Actor(active=True):
            return url_for("cases.index")
        case _:
            return url_for("people.account")
