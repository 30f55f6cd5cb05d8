"""The reader's language, from the catalogs in `config/languages`."""

from functools import cached_property

from flask import Flask, has_request_context, request
from flask_babel import Babel, Domain, get_domain
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from config.language import catalog, languages
from network.web.here import settings

REFUSALS = {
    "refused": _l("That cannot be done."),
    "not_found": _l("There is nothing here for you."),
    "not_allowed": _l("That is not yours to do."),
    "wrong_moment": _l("Something changed meanwhile. Look again before you go on."),
    "bad_input": _l("Something in the form cannot be used."),
    "slow_down": _l("Too many tries. Wait a moment and try again."),
    "no_key": _l("Your key is not at hand here. Sign in again."),
    "offer_over": _l(
        "That question is over: somebody else said yes, or its time ran out. Thank you."
    ),
    "already_handled": _l("That was done already."),
    "wrong_credentials": _l("The name, the passphrase or the code is not right."),
    "weak_passphrase": _l("That passphrase is too easy to guess. Use five or six unrelated words."),
    "nobody_to_receive": _l("Nobody can receive this right now, so it was not kept."),
    "too_large": _l("The file is larger than 20 MB."),
    "kind_refused": _l("Files of this kind cannot be sent."),
    "already_linked": _l("This chat is linked to somebody else. Unlink it there first."),
    "already_proposed": _l("The same waits for a decision already."),
    "too_much": _l("That is more than one account may hold. Two from coordination can raise it."),
    "nobody_else": _l("It takes another coordinator, and there is none."),
    "needs_another": _l("You proposed it: somebody else must confirm it."),
    "proposer_gone": _l("Whoever proposed it does not coordinate any more. Propose it again."),
    "not_cleared": _l(
        "As far as they have come in the network, they cannot be given this. Choose somebody else."
    ),
    "too_early": _l("The waiting time is not over. Come back when it is."),
    "last_comes_later": _l(
        "Yours would be the last one needed, and that one is taken only after the waiting time."
    ),
    "too_few": _l("Not enough of those who are needed have said yes, or may still say it."),
    "not_in_quorum": _l("This was never sealed to the network's key, so nobody can open it."),
    "not_proven_yet": _l("An entry can be proved from the day after it was written."),
    "one_at_a_time": _l("Something about this is being asked already. Look at it first."),
    "cannot_strip": _l("The file could not be cleaned of hidden details, so it was not kept."),
}

ENGINES = {
    "ingress": _l("Receiving from Telegram"),
    "worker": _l("Answering in the bot"),
    "postman": _l("Sending to Telegram"),
    "clock": _l("Check-ins and alarms"),
}


def _(msgid: str, **params: object) -> str:
    """The message in the reader's language."""
    return str(get_domain().gettext(msgid, **params))


def ngettext(one: str, many: str, num: int, **params: object) -> str:
    """The message in the reader's language, for so many."""
    return str(get_domain().ngettext(one, many, num, **params))


class Catalogs(Domain):  # type: ignore[misc]  # flask_babel ships no types
    """Flask-Babel's domain, reading the same in-memory catalogs as the bot does."""

    def get_translations(self) -> object:
        """The catalog of the language this request is answered in."""
        return catalog(chosen_language())


class Words(Babel):  # type: ignore[misc]  # flask_babel ships no types
    """Flask-Babel with our catalogs."""

    @cached_property
    def domain_instance(self) -> Catalogs:
        """One domain for the whole app."""
        return Catalogs(domain="messages")


def speak(app: Flask) -> None:
    """Let every template say `_('…')` in the reader's language."""
    Words(app, locale_selector=chosen_language, default_locale="es", default_timezone="UTC")

    @app.url_defaults
    def keep_language(endpoint: str, values: dict[str, object]) -> None:
        if endpoint != "static" and (asked := _asked()) and not current_user.is_authenticated:
            values.setdefault("lang", asked)


def chosen_language() -> str:
    """What the address asks for, else the member's own, else the network's."""
    if asked := _asked():
        return asked
    if current_user and current_user.is_authenticated:
        return str(current_user.actor.language)
    return settings().language


def _asked() -> str | None:
    asked = request.args.get("lang") if has_request_context() else None
    return asked if asked in languages() else None
