"""What forms say when something typed cannot be used: one sentence, next to its field."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from network.kernel.errors import BadInput, Refused, SlowDown, WrongMoment
from network.people.domain import Device, WeakPassphrase, WrongCredentials
from network.web.words import _

REASONS = {
    "handle_shape": _l("Use 3 to 32 plain letters, digits, dots or dashes."),
    "handle_taken": _l("Somebody has this name. Choose another."),
    "alias_shape": _l("Write what others may call you, in up to 40 letters."),
    "language_shape": _l("Choose one of the languages."),
    "zone_shape": _l("Choose one of the states, or none."),
    "label_shape": _l("Write what you call this device, in up to 40 letters."),
    "passphrase_used": _l("This one is in use already. Choose other words."),
    "role_shape": _l("Choose what they are invited to do."),
    "printed_mistyped": _l("A letter is wrong or missing. Read your paper again."),
}

DEVICES = {
    Device.PHONE: _l("A phone"),
    Device.TABLET: _l("A tablet"),
    Device.COMPUTER: _l("A computer"),
    Device.OTHER: _l("Another device"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Where a form went wrong, what to do about it, and the status of the answer."""

    field: str
    sentence: str
    status: int = 400


def problem_of(refusal: Refused) -> Problem:
    """The sentence for a refusal these forms can be mended after; any other is raised again."""
    match refusal:
        case BadInput(field=field, reason=reason) if reason in REASONS:
            return Problem(field, str(REASONS[reason]))
        case WeakPassphrase():
            return Problem("passphrase", weak())
        case WrongCredentials():
            return Problem(
                "form",
                _("The name, the passphrase or the code is not right. Each code works once."),
            )
        case SlowDown(seconds=seconds):
            return Problem(
                "form",
                _("Too many tries. Wait %(seconds)s seconds and try again.", seconds=seconds),
                429,
            )
        case WrongMoment():
            return Problem("form", _("Something changed meanwhile. Look again and repeat."), 409)
        case _:
            raise refusal


def weak() -> str:
    """How strong a passphrase is, in words."""
    return _(
        "Weak: a computer would guess this. Use five or six words that have nothing to do with "
        "each other or with you."
    )


def differ() -> Problem:
    """Two fields that should be the same are not."""
    return Problem("again", _("The two are not the same. Write it again."))
