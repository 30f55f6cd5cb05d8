"""Pages to come in and go out, one's own account, and who is who."""

from collections.abc import Callable
from uuid import UUID

import segno
from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from network.kernel.actor import Actor, InSession, Nobody, Role
from network.kernel.errors import BadInput, NotVisible, Refused
from network.kernel.hidden import Plaintext
from network.kernel.ids import PersonId, SessionId
from network.people import entrance, services, slip, visits
from network.people.browser import become_familiar, familiar
from network.people.domain import WrongCredentials
from network.people.entrance import Prepared
from network.people.words import Problem, differ, problem_of
from network.web.guards import current_actor, current_who, for_members, for_roles, public
from network.web.here import door, settings
from network.web.words import _, chosen_language

Page = str | Response | tuple[str, int]
bp = Blueprint("people", __name__, template_folder="templates")


@bp.route("/enter", methods=["GET", "POST"])
@public
def enter() -> Page:
    """Name, passphrase and code together."""
    if request.method == "GET":
        return render_template("people/enter.html", problem=None, typed="")
    handle = _typed("handle")
    try:
        who = entrance.sign_in(
            door(),
            handle=handle,
            passphrase=_secret("passphrase"),
            code=_typed("code"),
            familiar=familiar(),
        )
    except Refused as refusal:
        problem = problem_of(refusal)
        return _again("people/enter.html", problem, typed=handle)
    visits.enter(who)
    response = redirect(_first_page(door().look(services.whoami, who)), code=303)
    become_familiar(response, handle)
    return response


@bp.post("/leave")
@for_members
def sign_out() -> Response:
    """End this session, on the server too."""
    visits.leave()
    return redirect(url_for("web.landing"), code=303)


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
        typed = {"handle": "", "alias": offer.alias, "language": chosen_language()}
        return _join_form(offer.role, typed, None)
    typed = {name: _typed(name) for name in ("handle", "alias", "language")}
    try:
        prepared = _prepared(typed)
    except Refused as refusal:
        return _join_form(offer.role, typed, problem_of(refusal))
    if prepared is None:
        return _join_form(offer.role, typed, differ())
    return _proof_form(link, prepared, None)


@bp.post("/join/<token>/proof")
@public
def prove(token: str) -> Page:
    """The authenticator shows the right code, and the newcomer is stored."""
    link = Plaintext(token)
    prepared = slip.read(door().secret, _typed("slip"), token=link, now=door().now())
    try:
        newcomer = entrance.prove(door(), prepared, code=_typed("code"))
        door().ask(services.join, Nobody(), token=link, newcomer=newcomer)
    except NotVisible:
        return render_template("people/join_closed.html"), 404
    except BadInput as refusal:
        typed = {"handle": "", "alias": prepared.alias, "language": prepared.language}
        role = door().look(services.invitation, Nobody(), token=link).role
        return _join_form(role, typed, problem_of(refusal))
    except Refused:
        sentence = _("That is not the code your application shows now. Write the next one.")
        return _proof_form(link, prepared, Problem("code", sentence))
    return redirect(url_for("people.joined"), code=303)


@bp.get("/joined")
@public
def joined() -> Page:
    """What happens after joining."""
    return render_template("people/joined.html")


@bp.route("/recover", methods=["GET", "POST"])
@public
def recover() -> Page:
    """The printed code and the authenticator give back a lost account."""
    if request.method == "GET":
        return render_template("people/recover.html", problem=None, typed="", printed=None)
    handle, passphrase = _typed("handle"), _secret("passphrase")
    if passphrase != _secret("again"):
        return _again("people/recover.html", differ(), typed=handle, printed=None)
    try:
        printed = entrance.recover(
            door(),
            handle=handle,
            printed=_secret("printed"),
            code=_typed("code"),
            passphrase=passphrase,
        )
    except Refused as refusal:
        return _again("people/recover.html", problem_of(refusal), typed=handle, printed=None)
    return render_template("people/recover.html", problem=None, typed="", printed=printed)


@bp.get("/people")
@for_roles(Role.COORDINATOR)
def index() -> Page:
    """Everybody, what each waits for, and what may be done about it."""
    return _people_page()


@bp.post("/people/invite")
@for_roles(Role.COORDINATOR)
def invite() -> Page:
    """A single-use link, shown once on the page that answers."""
    try:
        token = door().ask(
            services.invite, current_who(), role=_role(_typed("role")), alias=_typed("alias")
        )
    except Refused as refusal:
        problem = problem_of(refusal)
        return _people_page(problem=problem), problem.status
    return _people_page(link=services.join_link(settings().address, token))


@bp.post("/people/<uuid:person_id>/approve")
@for_roles(Role.COORDINATOR)
def approve(person_id: UUID) -> Page:
    """One of two yeses."""
    return _decided(services.approve, person_id)


@bp.post("/people/<uuid:person_id>/refuse")
@for_roles(Role.COORDINATOR)
def refuse(person_id: UUID) -> Page:
    """Send an applicant away."""
    return _decided(services.refuse, person_id)


@bp.post("/people/<uuid:person_id>/suspend")
@for_roles(Role.COORDINATOR)
def suspend(person_id: UUID) -> Page:
    """Stop a member at once."""
    return _decided(services.suspend, person_id)


@bp.post("/people/<uuid:person_id>/restore")
@for_roles(Role.COORDINATOR)
def restore(person_id: UUID) -> Page:
    """Let a member act again."""
    return _decided(services.restore, person_id)


@bp.post("/people/<uuid:person_id>/remove")
@for_roles(Role.COORDINATOR)
def remove(person_id: UUID) -> Page:
    """Put a member out for good; for a coordinator it takes two."""
    return _decided(services.remove, person_id)


@bp.post("/people/duty")
@for_roles(Role.COORDINATOR)
def take_duty() -> Response:
    """New requests come to the reader."""
    door().ask(services.set_duty, current_who())
    return redirect(url_for("people.index"), code=303)


@bp.post("/people/duty/leave")
@for_roles(Role.COORDINATOR)
def leave_duty() -> Response:
    """New requests go to others."""
    door().ask(services.leave_duty, current_who())
    return redirect(url_for("people.index"), code=303)


@bp.get("/account")
@for_members
def account() -> Page:
    """What the reader can change about themselves."""
    return _account_page()


@bp.post("/account/alias")
@for_members
def rename() -> Page:
    """What others call the reader."""
    return _changed(services.rename, alias=_typed("alias"))


@bp.post("/account/language")
@for_members
def change_language() -> Page:
    """The language of pages and letters."""
    return _changed(services.change_language, language=_typed("language"))


@bp.post("/account/sessions/<uuid:session_id>/end")
@for_members
def end_session(session_id: UUID) -> Page:
    """End one of the reader's own sessions."""
    return _changed(services.end_session, session_id=SessionId(session_id))


@bp.post("/account/link")
@for_members
def new_link_code() -> Page:
    """A one-time code for the bot, shown once on the page that answers."""
    return _account_page(link_code=door().ask(services.new_link_code, current_who()))


@bp.post("/account/unlink")
@for_members
def unlink() -> Page:
    """The bot does not know the reader's chat any more."""
    return _changed(services.unlink_chat)


@bp.post("/account/passphrase")
@for_members
def change_passphrase() -> Page:
    """Another passphrase; every other session ends."""
    if _secret("passphrase") != _secret("again"):
        return _account_page(problem=differ())
    try:
        entrance.change_passphrase(
            door(), _session(), old=_secret("old"), new=_secret("passphrase")
        )
    except Refused as refusal:
        return _account_page(problem=_about_passphrase(refusal, "old"))
    flash(_("Your passphrase is changed. Other browsers were signed out."))
    return redirect(url_for("people.account"), code=303)


@bp.post("/account/recovery")
@for_members
def new_recovery_code() -> Page:
    """Another printed code, shown once on the page that answers."""
    try:
        printed = entrance.new_recovery_code(door(), _session(), passphrase=_secret("current"))
    except Refused as refusal:
        return _account_page(problem=_about_passphrase(refusal, "current"))
    return _account_page(printed=printed)


def _first_page(actor: Actor) -> str:
    match actor:
        case Actor(active=True, role=Role.COORDINATOR):
            return url_for("checkins.desk")
        case Actor(active=True):
            return url_for("cases.index")
        case _:
            return url_for("people.account")


def _typed(name: str) -> str:
    return request.form.get(name, "")


def _secret(name: str) -> Plaintext:
    return Plaintext(request.form.get(name, ""))


def _role(typed: str) -> Role:
    try:
        return Role(typed)
    except ValueError:
        raise BadInput("role", "role_shape") from None


def _session() -> InSession:
    who = current_who()
    assert isinstance(who, InSession)  # a member's page is reached by a browser alone
    return who


def _prepared(typed: dict[str, str]) -> Prepared | None:
    """None where the passphrase was not written twice the same."""
    passphrase = _secret("passphrase")
    if passphrase != _secret("again"):
        return None
    if typed["language"] not in door().pack.languages:
        raise BadInput("language", "language_shape")
    return entrance.prepare(door(), **typed, passphrase=passphrase)


def _again(template: str, problem: Problem, **shown: object) -> tuple[str, int]:
    return render_template(template, problem=problem, **shown), problem.status


def _join_form(role: Role, typed: dict[str, str], problem: Problem | None) -> Page:
    page = render_template(
        "people/join.html",
        role=role,
        typed=typed,
        problem=problem,
        pack_languages=door().pack.languages,
    )
    return (page, problem.status) if problem else page


def _proof_form(link: Plaintext, prepared: Prepared, problem: Problem | None) -> Page:
    page = render_template(
        "people/join_proof.html",
        action=url_for("people.prove", token=link.reveal()),
        slip=slip.seal(door().secret, prepared, token=link, now=door().now()),
        printed=prepared.recovery_code,
        totp_secret=prepared.totp_secret,
        totp_address=prepared.totp_address,
        qr=segno.make(prepared.totp_address.reveal()).svg_data_uri(scale=5, light="white"),
        problem=problem,
    )
    return (page, problem.status) if problem else page


def _people_page(*, link: Plaintext | None = None, problem: Problem | None = None) -> str:
    return render_template(
        "people/index.html",
        page=door().look(services.people, current_who()),
        me=current_actor().person_id,
        link=link,
        problem=problem,
    )


def _decided(service: Callable[..., object], person_id: UUID) -> Page:
    door().ask(service, current_who(), person_id=PersonId(person_id))
    return redirect(url_for("people.index"), code=303)


def _changed(service: Callable[..., object], **values: object) -> Page:
    try:
        door().ask(service, current_who(), **values)
    except NotVisible:
        raise
    except Refused as refusal:
        return _account_page(problem=problem_of(refusal))
    flash(_("Done."))
    return redirect(url_for("people.account"), code=303)


def _about_passphrase(refusal: Refused, field: str) -> Problem:
    problem = problem_of(refusal)
    if isinstance(refusal, WrongCredentials):
        return Problem(field, _("That is not your passphrase."))
    return problem


def _account_page(
    *,
    problem: Problem | None = None,
    link_code: Plaintext | None = None,
    printed: Plaintext | None = None,
) -> Page:
    page = render_template(
        "people/account.html",
        mine=door().look(services.account, current_who()),
        problem=problem,
        link_code=link_code,
        printed=printed,
        pack_languages=door().pack.languages,
    )
    return (page, problem.status) if problem else page
