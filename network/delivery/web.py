"""Pages: one's own other ways, and letters that did not get through."""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from network.delivery import services
from network.delivery.domain import ChannelState, WrongWord
from network.kernel.actor import Role
from network.kernel.errors import BadInput, NotVisible, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import ChannelId, LetterId
from network.outbox.domain import LetterStatus, Priority
from network.people.words import Problem
from network.ringing import SCHEMAS
from network.web.guards import current_who, for_active, for_roles
from network.web.here import door, settings
from network.web.words import _

bp = Blueprint("delivery", __name__, template_folder="templates")
Page = str | Response | tuple[str, int]

STATES = {
    ChannelState.NEW: _l("not confirmed: no alarm goes there yet"),
    ChannelState.WORKS: _l("works"),
    ChannelState.FAILED: _l("its last test was not confirmed"),
}
PRIORITIES = {
    Priority.ALARM: _l("Alarm"),
    Priority.ANSWER: _l("Answer"),
    Priority.CHECKIN: _l("Check-in"),
    Priority.NOTICE: _l("Notice"),
}
STATUSES = {
    LetterStatus.WAITING: _l("waits"),
    LetterStatus.REFUSED: _l("refused"),
}
ERRORS = {
    "blocked": _l("They blocked the bot."),
    "deactivated": _l("Their Telegram account is gone."),
    "chat_not_found": _l("Telegram does not know this chat."),
    "never_started": _l("They never wrote to the bot."),
    "gave_up": _l("It did not get through in a day."),
    "too_many": _l("Telegram asked us to wait."),
    "network": _l("Telegram did not answer."),
    "silent": _l("The other way did not answer."),
    "unreadable": _l("It cannot be read any more."),
}
UNKNOWN = _l("Telegram refused it.")
REASONS = {
    "address_shape": _l("Write an e-mail address, or an address that begins like ntfys://."),
    "address_kind": _l("That kind of address cannot be used here. The list below says which can."),
    "no_mail": _l("This network cannot send e-mail yet. Use one of the other kinds."),
    "words_enough": _l("Enough words were sent for today. Ask for the next one tomorrow."),
    "enough": _l("Three other ways are enough. Remove one first."),
}


@bp.get("/account/channels")
@for_active
def channels() -> Page:
    """The reader's other ways."""
    return _channels_page()


@bp.post("/account/channels")
@for_active
def add_channel() -> Page:
    """One more; a word goes there at once."""
    return _changed(
        services.add_channel,
        _("A word is on its way there. Write it below within three days."),
        address=Plaintext(request.form.get("address", "")),
        schemas=SCHEMAS,
        mail=settings().mail is not None,
    )


@bp.post("/account/channels/<uuid:channel_id>/test")
@for_active
def test_channel(channel_id: UUID) -> Page:
    """Another word."""
    said = _("A word is on its way there. Write it below within three days.")
    return _changed(services.test_channel, said, channel_id=ChannelId(channel_id))


@bp.post("/account/channels/<uuid:channel_id>/confirm")
@for_active
def confirm_channel(channel_id: UUID) -> Page:
    """The word that arrived there."""
    word = Plaintext(request.form.get("word", ""))
    try:
        right = door().ask(
            services.confirm_channel, current_who(), channel_id=ChannelId(channel_id), word=word
        )
    except WrongWord:
        right = False
    if not right:
        sentence = _("That is not the word that was sent last. After five tries, ask for another.")
        return _channels_page(Problem("form", sentence))
    flash(_("It works. If Telegram fails, alarms go there too."))
    return redirect(url_for("delivery.channels"), code=303)


@bp.post("/account/channels/<uuid:channel_id>/remove")
@for_active
def remove_channel(channel_id: UUID) -> Page:
    """Nothing goes there any more."""
    return _changed(services.remove_channel, _("Done."), channel_id=ChannelId(channel_id))


@bp.get("/desk/letters")
@for_roles(Role.COORDINATOR)
def letters() -> Page:
    """What was refused or waits long: never a word of it."""
    return _letters_page()


@bp.post("/desk/letters/<uuid:letter_id>/retry")
@for_roles(Role.COORDINATOR)
def retry_letter(letter_id: UUID) -> Page:
    """Try it now."""
    return _decided(services.retry_letter, letter_id)


@bp.post("/desk/letters/<uuid:letter_id>/cancel")
@for_roles(Role.COORDINATOR)
def cancel_letter(letter_id: UUID) -> Page:
    """Take it back and erase it."""
    return _decided(services.cancel_letter, letter_id)


def _decided(service: Callable[..., object], letter_id: UUID) -> Page:
    try:
        door().ask(service, current_who(), letter_id=LetterId(letter_id))
    except WrongMoment as gone:
        raise NotVisible from gone  # delivered, erased or never there: nobody is told which
    flash(_("Done."))
    return redirect(url_for("delivery.letters"), code=303)


def _changed(service: Callable[..., object], said: str, **values: object) -> Page:
    try:
        door().ask(service, current_who(), **values)
    except BadInput as refusal:
        return _channels_page(Problem(refusal.field, str(REASONS[refusal.reason])))
    except WrongMoment:
        sentence = _("A word was sent there a moment ago. Wait two minutes before the next.")
        return _channels_page(Problem("form", sentence, 409))
    flash(said)
    return redirect(url_for("delivery.channels"), code=303)


def _channels_page(problem: Problem | None = None) -> Page:
    page = render_template(
        "delivery/channels.html",
        channels=door().look(services.channels, current_who()),
        states=STATES,
        mail=settings().mail is not None,
        problem=problem,
    )
    return (page, problem.status) if problem else page


def _letters_page() -> Page:
    return render_template(
        "delivery/letters.html",
        page=door().look(services.letters, current_who()),
        priorities=PRIORITIES,
        statuses=STATUSES,
        errors=ERRORS,
        unknown=UNKNOWN,
        alarm=Priority.ALARM,
    )
