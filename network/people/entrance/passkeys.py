"""Coming in with a device: its signature stands for the code, and its secret, where it has one
(WebAuthn's PRF), for the passphrase.
"""

import secrets
from dataclasses import dataclass
from uuid import UUID

from network.door import Door
from network.encryption import authenticators
from network.encryption.authenticators import NotProven, Site
from network.encryption.envelope import SEED_BYTES, public_key_of
from network.encryption.keyring import WrongCode, unlock_with_passkey, wrap_by_passkey
from network.encryption.sealed import Place
from network.kernel.actor import InSession, Nobody
from network.kernel.hidden import Plaintext, SecretBytes
from network.kernel.ids import new_id
from network.people import challenges, slip
from network.people.domain import CHALLENGE_LASTS, Caller, Lock, Opened, WrongCredentials
from network.people.entrance.answering import answered, said, uncounted
from network.people.entrance.coming import begun
from network.people.entrance.keeping import own_key
from network.people.entrance.trying import by_passphrase_of
from network.people.lanes import KNOWN
from network.people.services import own, passkeys
from network.people.store.passkeys import Stored, owner_of

ENTER = "enter"
SLIP = Place("forms", "passkey", "")


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody typed, or whose device answered, in place of a code."""

    code: str = ""
    credential: str = ""
    about: str = ""


def to_add(door: Door, who: InSession, site: Site, *, passphrase: Plaintext, shown: Shown) -> str:
    """What a browser asks an authenticator for a new passkey, once the passphrase and a fresh
    second factor were shown: it may open by itself, so it takes all that opens together.
    """
    own_key(door, who, passphrase)
    proof = uncounted(
        door, who, site, code=shown.code, credential=shown.credential, about=shown.about
    )
    door.ask(passkeys.begin_passkey, who, proof=proof)
    return to_make(door, who, site)


def to_make(door: Door, who: InSession, site: Site) -> str:
    """The same, for a session that has shown all that."""
    member = door.look(own.account, who).member
    return authenticators.to_make(
        site,
        challenge=challenges.new(door.secret, _adding(who), door.now()),
        owner=owner_of(door.secret, member.id),
        handle=member.profile.handle,
    )


def add(
    door: Door, who: InSession, site: Site, *, credential: str, output: str, label: str
) -> None:
    """Store the passkey that answered. With its output it opens this session's key by itself;
    without, what is stored looks the same and opens nothing.
    """
    sent = said(door, credential, _adding(who))
    try:
        made = authenticators.made(site, sent)
    except NotProven:
        raise WrongCredentials from None
    actor, way = door.look(own.whoami, who), door.look(own.way_in, who)
    held = SecretBytes(actor.key().reveal() + bytes((way,)))
    raw = authenticators.output_of(output) or secrets.token_bytes(authenticators.OUTPUT_BYTES)
    door.ask(
        passkeys.add_passkey,
        who,
        passkey=new_id(),
        mark=challenges.mark_of(sent.challenge),
        made=made,
        wrapped=wrap_by_passkey(actor.person, held, SecretBytes(raw), door.secret.pepper),
        label=label,
    )


def to_enter(door: Door, site: Site) -> str:
    """What a browser asks whichever passkey somebody has. Nothing is written for it."""
    challenge = challenges.new(door.secret, ENTER, door.now())
    return authenticators.to_answer(site, challenge=challenge)


def enter(
    door: Door, site: Site, *, credential: str, output: str, caller: Caller
) -> InSession | str:
    """A session for a passkey that opens a key; for one that does not, a slip with which the
    passphrase is asked. WrongCredentials whatever is wrong.
    """
    answer, lock = answered(door, site, credential, ENTER)
    opened = _opened(door, answer.used, lock, output)
    if opened is None:
        if not door.ask(passkeys.note_answer, Nobody(), answer=answer):
            raise WrongCredentials
        return _slip(door, answer.used)
    who, half = begun(lock.person_id, opened, caller.device)
    if not door.ask(
        passkeys.come_in_by_passkey, Nobody(), answer=answer, half=half, way=opened.way
    ):
        raise WrongCredentials
    return who


def finish(door: Door, *, carried: str, passphrase: Plaintext, caller: Caller) -> InSession:
    """A session for the passphrase of whoever's passkey answered; a second one opens its cover."""
    passkey, mark = _read_slip(door, carried)
    with KNOWN.taken():
        found = door.ask(passkeys.count_passphrase, Nobody(), passkey=passkey)
        used, lock = found or (None, None)
        opened = by_passphrase_of(door.secret, lock, passphrase)
    if used is None or opened is None:
        raise WrongCredentials
    return admitted_after(door, used, mark, opened, caller)


def admitted_after(
    door: Door, used: Stored, mark: bytes, opened: Opened, caller: Caller
) -> InSession:
    """Begin a session for a passphrase typed after a device answered, if that device is a second
    factor of whom the passphrase opened. The same is done by whichever way.
    """
    if not passkeys.stands_for_code(used, opened):
        raise WrongCredentials
    who, half = begun(used.person_id, opened, caller.device)
    door.ask(
        passkeys.come_in_after_passkey,
        Nobody(),
        used=used,
        mark=mark,
        half=half,
        way=opened.way,
    )
    return who


def _opened(door: Door, used: Stored, lock: Lock, output: str) -> Opened | None:
    """What its secret opens; None where it has none, or where that key is a former one."""
    raw = authenticators.output_of(output)
    if raw is None:
        return None
    try:
        held = unlock_with_passkey(
            used.person_id, SecretBytes(raw), used.wrapped, door.secret.peppers
        ).reveal()
    except WrongCode:
        return None
    opened = Opened(SecretBytes(held[:SEED_BYTES]), held[SEED_BYTES])
    is_current = public_key_of(opened.private) == lock.ways[opened.way].public
    return opened if is_current else None


def _adding(who: InSession) -> str:
    return f"add:{who.session_id.hex}"


def _slip(door: Door, used: Stored) -> str:
    """That this passkey answered: good for minutes and for one session."""
    mark = secrets.token_bytes(challenges.MARK_BYTES)
    until = door.now() + CHALLENGE_LASTS
    return slip.seal(door.secret, [used.id.hex, mark.hex()], SLIP, until=until)


def _read_slip(door: Door, carried: str) -> tuple[UUID, bytes]:
    found = slip.read(door.secret, carried, SLIP, now=door.now())
    if found is None:
        raise WrongCredentials
    passkey, mark = found
    return UUID(passkey), bytes.fromhex(mark)
