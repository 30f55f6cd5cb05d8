"""One's own account."""

from collections.abc import Callable
from uuid import UUID

from flask import flash, redirect, render_template, url_for

from network.kernel.errors import NotVisible, Refused
from network.kernel.hidden import Plaintext
from network.kernel.ids import SessionId
from network.people import entrance, services
from network.people.domain import WrongCredentials
from network.people.services.passkeys import my_passkeys
from network.people.web.blueprint import Page, bp, secret, this_session, typed
from network.people.words import DEVICES, Problem, differ, problem_of
from network.web.guards import current_who, for_members
from network.web.here import door
from network.web.words import _

SETTING = {"other": entrance.set_other_passphrase}


@bp.get("/account")
@for_members
def account() -> Page:
    """What the reader can change about themselves."""
    return account_page()


@bp.post("/account/alias")
@for_members
def rename() -> Page:
    """What others call the reader."""
    return _changed(services.rename, alias=typed("alias"))


@bp.post("/account/language")
@for_members
def change_language() -> Page:
    """The language of pages and letters."""
    return _changed(services.change_language, language=typed("language"))


@bp.post("/account/zone")
@for_members
def change_zone() -> Page:
    """The state the reader mostly is in, or none."""
    return _changed(services.change_zone, zone=typed("zone"))


@bp.post("/account/sessions/<uuid:session_id>/end")
@for_members
def end_session(session_id: UUID) -> Page:
    """End one of the reader's own sessions."""
    return _changed(services.end_session, session_id=SessionId(session_id))


@bp.post("/account/sessions/end-others")
@for_members
def end_other_sessions() -> Page:
    """End every session of the reader's but this one."""
    return _changed(services.end_other_sessions)


@bp.post("/account/link")
@for_members
def new_link_code() -> Page:
    """A one-time code for the bot, shown once on the page that answers."""
    return account_page(link_code=door().ask(services.new_link_code, current_who()))


@bp.post("/account/unlink")
@for_members
def unlink() -> Page:
    """The bot does not know the reader's chat any more."""
    return _changed(services.unlink_chat)


@bp.post("/account/passphrase")
@for_members
def change_passphrase() -> Page:
    """Another passphrase, or a second one; every other session ends. One address for both."""
    if secret("passphrase") != secret("again"):
        return account_page(problem=differ())
    try:
        change = SETTING.get(typed("which"), entrance.change_passphrase)
        change(door(), this_session(), old=secret("old"), new=secret("passphrase"))
    except Refused as refusal:
        return account_page(problem=_about_passphrase(refusal, "old"))
    flash(_("The passphrase is changed. Other browsers were signed out."))
    return redirect(url_for("people.account"), code=303)


@bp.post("/account/recovery")
@for_members
def new_recovery_code() -> Page:
    """Another printed code, shown once on the page that answers."""
    try:
        printed = entrance.new_recovery_code(door(), this_session(), passphrase=secret("current"))
    except Refused as refusal:
        return account_page(problem=_about_passphrase(refusal, "current"))
    return account_page(printed=printed)


def _changed(service: Callable[..., object], **values: object) -> Page:
    try:
        door().ask(service, current_who(), **values)
    except NotVisible:
        raise
    except Refused as refusal:
        return account_page(problem=problem_of(refusal))
    flash(_("Done."))
    return redirect(url_for("people.account"), code=303)


def _about_passphrase(refusal: Refused, field: str) -> Problem:
    problem = problem_of(refusal)
    if isinstance(refusal, WrongCredentials):
        return Problem(field, _("That is not your passphrase."))
    return problem


def account_page(
    *,
    problem: Problem | None = None,
    link_code: Plaintext | None = None,
    printed: Plaintext | None = None,
) -> Page:
    """The reader's account, with what there is to say about what they pressed last."""
    page = render_template(
        "people/account.html",
        mine=door().look(services.account, current_who()),
        problem=problem,
        link_code=link_code,
        printed=printed,
        pack_languages=door().pack.languages,
        states=door().pack.areas.states,
        device_words=DEVICES,
        passkeys=door().look(my_passkeys, current_who()),
    )
    return (page, problem.status) if problem else page
