"""How somebody who lost what shows their codes comes back, step by step."""

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for

from network.kernel.actor import Nobody
from network.kernel.errors import NotVisible, SlowDown, WrongMoment
from network.kernel.hidden import Plaintext
from network.people.domain import WrongCredentials
from network.people.entrance import returning
from network.people.services import returning as services
from network.people.web.blueprint import Page, again, bp, secret, typed
from network.people.web.proving import for_application
from network.people.words import Problem, problem_of
from network.web.guards import public
from network.web.here import door
from network.web.words import _


@bp.route("/return/<token>", methods=["GET", "POST"])
@public
def come_back(token: str) -> Page:
    """The bearer of a link shows their passphrase or their paper. Nothing is stored yet."""
    link = Plaintext(token)
    return _unless_closed(lambda: _asked(link))


@bp.post("/return/<token>/proof")
@public
def prove_return(token: str) -> Page:
    """The new application shows the right code, and from now on it is theirs."""
    link = Plaintext(token)
    return _unless_closed(lambda: _proven(link))


def _asked(link: Plaintext) -> Page:
    door().look(services.bearer, Nobody(), token=link)
    if request.method == "GET":
        return render_template("people/return.html", problem=None)
    try:
        found = returning.begin_return(door(), token=link, opening=secret("opening"))
    except WrongCredentials:
        said = _("That is neither your passphrase nor the code on your paper.")
        return again("people/return.html", Problem("opening", said))
    except SlowDown as refusal:
        return again("people/return.html", problem_of(refusal))
    return _proof_form(link, found, None)


def _proven(link: Plaintext) -> Page:
    slip = typed("slip")
    try:
        found = returning.read_return(door(), token=link, carried=slip)
        try:
            returning.finish_return(door(), token=link, carried=slip, code=typed("code"))
        except WrongCredentials:
            said = _("That is not the code your application shows now. Write the next one.")
            return _proof_form(link, found, Problem("code", said))
    except WrongMoment:
        said = _("Too much time went by. Begin again.")
        return again("people/return.html", Problem("form", said, 409))
    flash(_("Done. Come in with your passphrase and the new code."))
    return redirect(url_for("people.enter"), code=303)


def _unless_closed(view: Callable[[], Page]) -> Page:
    try:
        return view()
    except NotVisible:
        return render_template("people/return_closed.html"), 404


def _proof_form(link: Plaintext, found: returning.Returning, problem: Problem | None) -> Page:
    page = render_template(
        "people/return_proof.html",
        action=url_for("people.prove_return", token=link.reveal()),
        slip=found.slip,
        problem=problem,
        **for_application(found.totp_secret, found.handle),
    )
    return (page, problem.status) if problem else page
