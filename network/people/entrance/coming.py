"""Coming in and going out. Argon2 runs here, between the door's short transactions."""

import json
import secrets
from base64 import urlsafe_b64encode
from contextlib import suppress

from network.door import Door
from network.encryption.envelope import public_key_of, seal_to
from network.encryption.keyring import split_session
from network.kernel.actor import InSession, Nobody
from network.kernel.errors import NotVisible
from network.kernel.hidden import Plaintext, SecretBytes
from network.kernel.ids import PersonId, SessionId, new_id
from network.people.domain import Caller, CodeUsedBefore, Device, Opened
from network.people.entrance.trying import (
    FAMILIAR,
    Proven,
    attempt,
    by_passphrase_of,
    count,
    judged,
    typed,
)
from network.people.lanes import KNOWN, STRANGERS
from network.people.services import entering
from network.people.store.passes import Half, device_place

STRANGER = Caller()


def sign_in(
    door: Door, *, handle: str, passphrase: Plaintext, code: str, caller: Caller = STRANGER
) -> InSession:
    """A session for name, passphrase and code together; WrongCredentials whichever is wrong.

    Nobody learns whether a name exists: unknown ones cost the same and are slowed down the same.
    A browser that `recognise` knows has a count of its own, and so has each neighbourhood.
    """
    trying = attempt(door.secret, handle, caller)
    # Counted inside, so that a flood writes no faster than it is let in.
    with (KNOWN if trying.known else STRANGERS).taken():
        lock = count(door, trying)
        opened = by_passphrase_of(door.secret, lock, passphrase)
    return admitted(door, judged(door, trying, lock, opened, code), caller)


def admitted(door: Door, proven: Proven, caller: Caller) -> InSession:
    """Begin a session for somebody who proved who they are. The same is done by whichever way."""
    who, half = begun(proven.lock.person_id, proven.opened, caller.device)
    lock, way = proven.lock, proven.opened.way
    try:
        door.ask(
            entering.come_in,
            Nobody(),
            name=proven.name,
            lock=lock,
            step=proven.step,
            half=half,
            way=way,
        )
    except CodeUsedBefore:
        door.ask(entering.tell_of_replay, Nobody(), lock=lock, way=way)
        raise
    return who


def begun(person: PersonId, opened: Opened, device: Device) -> tuple[InSession, Half]:
    """Both halves of a new session; its kind can be read by whoever holds this very key.

    By which way it was opened stands inside what is sealed under the cookie's half.
    """
    session = SessionId(new_id())
    held = SecretBytes(opened.private.reveal() + bytes((opened.way,)))
    split = split_session(session, person, held)
    named = seal_to(
        public_key_of(opened.private), Plaintext(device.value), device_place(session, person)
    )
    return InSession(session, split.secret), Half(session, split.sealed, named)


def recognise(door: Door, handle: str) -> str:
    """What a browser that came in keeps, so that strangers' wrong tries cannot slow it down."""
    nonce = secrets.token_hex(16)
    sealed = door.secret.seal(Plaintext(json.dumps([typed(handle), nonce])), FAMILIAR)
    return urlsafe_b64encode(sealed).decode()


def sign_out(door: Door, who: InSession) -> None:
    """End the session on the server; a session that is over already is fine too."""
    with suppress(NotVisible):
        door.ask(entering.drop_session, who)
