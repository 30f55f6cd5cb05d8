"""A fresh second factor beside whatever a form asks: a code, or a device's answer."""

import segno
from flask import Response as Answer
from flask import request

from network.encryption.authenticators import Site
from network.kernel.hidden import Plaintext
from network.people import totp
from network.people.entrance import answering
from network.people.services import Proof
from network.people.services.passkeys import my_passkeys
from network.people.web.blueprint import bp, this_session, typed
from network.web.guards import current_who, for_members
from network.web.here import door, settings

LONGEST = 200  # letters of an address


@bp.get("/account/devices/ask")
@for_members
def ask_again() -> Answer:
    """The question a browser puts to a device before the form of that address is sent, as JSON."""
    about = request.args.get("about", "")[:LONGEST]
    asked = answering.to_prove(door(), this_session(), site(), about=about)
    return Answer(asked, mimetype="application/json")


def proof_shown() -> Proof:
    """What this form shows, counted; an answer to another address's question is a wrong one."""
    return answering.proof_of(
        door(),
        this_session(),
        site(),
        code=typed("code"),
        credential=typed("credential"),
        about=request.path,
    )


def for_application(secret: Plaintext, handle: str) -> dict[str, object]:
    """What a page shows an authenticator: its new secret in letters, as a link and as a picture.

    The name on it is the one typed to sign in.
    """
    address = totp.address(secret, handle)
    picture = segno.make(address.reveal()).svg_data_uri(scale=5, light="white")
    return {"totp_secret": secret, "totp_address": address, "qr": picture}


def site() -> Site:
    """Where browsers find us."""
    return Site.at(settings().address)


@bp.app_context_processor
def _devices() -> dict[str, object]:
    """For the forms of every room: whether the reader has a device to answer with."""
    return {"has_device": lambda: bool(door().look(my_passkeys, current_who()))}
