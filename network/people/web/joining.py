"""How the bearer of a link joins, step by step."""

from flask import redirect, render_template, request, url_for

from network.kernel.actor import Nobody, Role
from network.kernel.errors import BadInput, NotVisible, Refused
from network.kernel.hidden import Plaintext
from network.people import entrance, services
from network.people.entrance import Prepared
from network.people.web.blueprint import Page, bp, secret, typed
from network.people.web.proving import for_application
from network.people.words import Problem, differ, problem_of
from network.web.guards import public
from network.web.here import door
from network.web.words import _, chosen_language


@bp.route("/join/<token>", methods=["GET", "POST"])
@public
def join(token: str) -> Page:
    """The bearer of a link chooses a name and a passphrase. Nothing is stored yet."""
    link = Plaintext(token)
    try:
        offer = door().look(services.invitation, Nobody(), token=link)
    except NotVisible:
        return render_template("people/join_closed.html"), 404
    if request.method == "GET":
        blank = {"handle": "", "alias": offer.alias, "language": chosen_language()}
        return _join_form(offer.role, blank, None)
    filled = {name: typed(name) for name in ("handle", "alias", "language")}
    try:
        prepared = _prepared(filled)
    except Refused as refusal:
        return _join_form(offer.role, filled, problem_of(refusal))
    if prepared is None:
        return _join_form(offer.role, filled, differ())
    return _proof_form(link, prepared, None)


@bp.post("/join/<token>/proof")
@public
def prove(token: str) -> Page:
    """The authenticator shows the right code, and the newcomer is stored."""
    link = Plaintext(token)
    prepared = entrance.brought_back(door(), typed("slip"), token=link)
    try:
        newcomer = entrance.prove(door(), prepared, code=typed("code"))
        door().ask(services.join, Nobody(), token=link, newcomer=newcomer)
    except NotVisible:
        return render_template("people/join_closed.html"), 404
    except BadInput as refusal:
        filled = {"handle": "", "alias": prepared.alias, "language": prepared.language}
        role = door().look(services.invitation, Nobody(), token=link).role
        return _join_form(role, filled, problem_of(refusal))
    except Refused:
        sentence = _("That is not the code your application shows now. Write the next one.")
        return _proof_form(link, prepared, Problem("code", sentence))
    return redirect(url_for("people.joined"), code=303)


@bp.get("/joined")
@public
def joined() -> Page:
    """What happens after joining."""
    return render_template("people/joined.html")


def _prepared(filled: dict[str, str]) -> Prepared | None:
    """None where the passphrase was not written twice the same."""
    passphrase = secret("passphrase")
    if passphrase != secret("again"):
        return None
    if filled["language"] not in door().pack.languages:
        raise BadInput("language", "language_shape")
    return entrance.prepare(door(), **filled, passphrase=passphrase)


def _join_form(role: Role, filled: dict[str, str], problem: Problem | None) -> Page:
    page = render_template(
        "people/join.html",
        role=role,
        typed=filled,
        problem=problem,
        pack_languages=door().pack.languages,
    )
    return (page, problem.status) if problem else page


def _proof_form(link: Plaintext, prepared: Prepared, problem: Problem | None) -> Page:
    page = render_template(
        "people/join_proof.html",
        action=url_for("people.prove", token=link.reveal()),
        slip=entrance.carried(door(), prepared, token=link),
        printed=prepared.recovery_code,
        problem=problem,
        **for_application(prepared.totp_secret, prepared.handle),
    )
    return (page, problem.status) if problem else page
