"""Errors as calm pages: one sentence, one way forward, a reference, never a trace."""

import logging
import secrets
from http import HTTPStatus

from flask import Flask, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from network.encryption.sealed import EncryptionError
from network.kernel.errors import BadInput, NotAllowed, NotVisible, Refused, SlowDown, WrongMoment
from network.web.words import REFUSALS, _

Page = tuple[str, int]
# What people write at length: to a family, of an alarm, before a trip, in a plan, of who joins.
WORDS = (
    *("text", "note", "words", "doing", "brief", "reason", "destination"),
    *("never", "accompanier", "duty", "coordinators", "said", "reference_1", "reference_2"),
    *("reach", "why", "work"),
)
MOST_SHOWN = 8_000
log = logging.getLogger(__name__)
STATUS: dict[type[Refused], int] = {
    NotVisible: 404,
    NotAllowed: 404,  # whether it exists is not theirs to learn either
    WrongMoment: 409,
    BadInput: 400,
    SlowDown: 429,
}


def calm(app: Flask) -> None:
    """Turn every refusal and every failure into a page."""
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(OperationalError, _lost)
    app.register_error_handler(EncryptionError, _unsealed)
    app.register_error_handler(Exception, _broken)


def _forged(_error: CSRFError) -> Page:
    return _page(_("This page was open for too long. Go back, load it again and repeat."), 400)


def _http(error: HTTPException) -> Page | Response:
    code = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    if code == HTTPStatus.UNAUTHORIZED:
        return _signed_out() if _typed() else redirect(url_for("people.enter"))
    if code < HTTPStatus.BAD_REQUEST:
        return error.get_response(request.environ)
    return _page(_sentence(code), code)


def _signed_out() -> Page:
    """A long letter takes longer than a session without a touch lasts."""
    sentence = _("You were signed out meanwhile, so this was not sent. Sign in and send it again.")
    return _page(sentence, HTTPStatus.UNAUTHORIZED)


def _refused(refusal: Refused) -> Page:
    if isinstance(refusal, NotVisible | NotAllowed):
        return _page(_sentence(HTTPStatus.NOT_FOUND), HTTPStatus.NOT_FOUND)
    sentence = str(REFUSALS.get(refusal.key, REFUSALS["refused"]))
    return _page(sentence, _status(refusal))


def _lost(error: OperationalError) -> Page:
    sentence = _("The network does not answer right now. Try again in a minute.")
    return _failed(error, sentence, 503)


def _unsealed(error: EncryptionError) -> Page:
    sentence = _("It could not be sealed or opened, so nothing was kept or shown. Try again.")
    return _failed(error, sentence, 503)


def _broken(error: Exception) -> Page:
    sentence = _("Something broke on our side. Nothing half-done was kept; try again.")
    return _failed(error, sentence, 500)


def _status(refusal: Refused) -> int:
    return next((code for kind, code in STATUS.items() if isinstance(refusal, kind)), 400)


def _sentence(code: int) -> str:
    match code:
        case 404 | 405:
            return _("There is nothing here for you.")
        case 413:
            return _("That is too large to send.")
        case 429:
            return _("Too many tries. Wait a moment and try again.")
        case 400:
            return _("Something in the form cannot be used.")
        case _:
            return _("That did not work. Try again.")


def _failed(error: Exception, sentence: str, code: int) -> Page:
    """Log the kind and the place of an error, never its words: they may hold a family's."""
    reference = secrets.token_hex(4)
    trace, place = error.__traceback__, "?"
    while trace is not None:
        place = f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}"
        trace = trace.tb_next
    log.error("%s at %s, reference %s", type(error).__name__, place, reference)
    return _page(sentence, code, reference)


def _page(sentence: str, code: int, reference: str | None = None) -> Page:
    page = render_template(
        "web/error.html",
        sentence=sentence,
        reference=reference,
        typed=_typed(),
        signed_out=code == HTTPStatus.UNAUTHORIZED,
    )
    return page, code


def _typed() -> tuple[str, ...]:
    """The words of the form that did not go through, for whoever wrote them to copy."""
    if request.method != "POST":
        return ()
    try:
        form = request.form
    except HTTPException:  # too large, or broken off
        return ()
    return tuple(form[name][:MOST_SHOWN] for name in WORDS if form.get(name, "").strip())
