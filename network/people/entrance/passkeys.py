"""Coming in with a device: its signature stands for the code, and its secret, where it has one
(WebAuthn's PRF), for the passphrase.
"""

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

from network.door import Door
from network.encryption import authenticators
from network.encryption.authenticators import NotProven, Said, Site
from network.encryption.envelope import SEED_BYTES, public_key_of
from network.encryption.keyring import WrongCode, unlock_with_passkey, wrap_by_passkey
from network.encryption.sealed import Place, Sealed, Tampered
from network.kernel.actor import InSession, Nobody
from network.kernel.hidden import Plaintext, SecretBytes
from network.kernel.ids import new_id
from network.people import challenges
from network.people.domain import CHALLENGE_LASTS, Caller, Lock, Opened, WrongCredentials
from network.people.entrance.coming import begun
from network.people.entrance.trying import by_passphrase_of
from network.people.lanes import KNOWN
from network.people.services import entering, own, passkeys
from network.people.store.passkeys import Stored, owner_of

ENTER = "enter"
SLIP = Place("forms", "passkey", "")
MARK_BYTES = 32


def to_add(door: Door, who: InSession, site: Site, *, code: str) -> str:
    """What a browser asks an authenticator for a new passkey, once a fresh code was shown."""
    door.ask(passkeys.begin_passkey, who, code=code)
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
    said = _said(door, credential, _adding(who))
    try:
        made = authenticators.made(site, said)
    except NotProven:
        raise WrongCredentials from None
    actor, lock = door.look(own.whoami, who), door.look(entering.lock_of, who)
    way = _way_of(lock, actor.key())
    held = SecretBytes(actor.key().reveal() + bytes((way,)))
    raw = authenticators.output_of(output) or secrets.token_bytes(authenticators.OUTPUT_BYTES)
    door.ask(
        passkeys.add_passkey,
        who,
        passkey=new_id(),
        mark=challenges.mark_of(said.challenge),
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
    said = _said(door, credential, ENTER)
    found = door.look(passkeys.named, Nobody(), credential=said.credential)
    if found is None:
        raise WrongCredentials
    used, lock = found
    times, mark = _signed(door, site, used, said), challenges.mark_of(said.challenge)
    opened = _opened(door, used, lock, output)
    if opened is None:
        door.ask(passkeys.note_answer, Nobody(), used=used, times=times, mark=mark)
        return _slip(door, used)
    who, half = begun(used.person_id, opened, caller.device)
    door.ask(
        passkeys.come_in_by_passkey,
        Nobody(),
        used=used,
        times=times,
        mark=mark,
        half=half,
        way=opened.way,
    )
    return who


def finish(door: Door, *, slip: str, passphrase: Plaintext, caller: Caller) -> InSession:
    """A session for the passphrase of whoever's passkey answered; a second one opens its cover."""
    passkey, mark = _read_slip(door, slip)
    with KNOWN.taken():
        found = door.ask(passkeys.count_passphrase, Nobody(), passkey=passkey)
        used, lock = found or (None, None)
        opened = by_passphrase_of(door.secret, lock, passphrase)
    if used is None or opened is None:
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


def _said(door: Door, credential: str, purpose: str) -> Said:
    try:
        said = authenticators.read(credential)
    except NotProven:
        raise WrongCredentials from None
    if not challenges.ours(door.secret, said.challenge, purpose, door.now()):
        raise WrongCredentials
    return said


def _signed(door: Door, site: Site, used: Stored, said: Said) -> int:
    """How often it has signed by now. A count that does not grow is a copy's."""
    try:
        times = authenticators.answered(site, said, public=used.made.public)
    except NotProven:
        raise WrongCredentials from None
    if (times or used.made.count) and times <= used.made.count:
        door.ask(passkeys.drop_copied, Nobody(), used=used)
        raise WrongCredentials
    return times


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


def _way_of(lock: Lock, private: SecretBytes) -> int:
    public = public_key_of(private)
    return next(number for number, way in enumerate(lock.ways) if way.public == public)


def _adding(who: InSession) -> str:
    return f"add:{who.session_id.hex}"


def _slip(door: Door, used: Stored) -> str:
    """That this passkey answered: sealed, good for minutes and for one session."""
    until = (door.now() + CHALLENGE_LASTS).timestamp()
    fields = [used.id.hex, secrets.token_hex(MARK_BYTES), until]
    return urlsafe_b64encode(door.secret.seal(Plaintext(json.dumps(fields)), SLIP)).decode()


def _read_slip(door: Door, slip: str) -> tuple[UUID, bytes]:
    try:
        sealed = Sealed(urlsafe_b64decode(slip.encode()))
        passkey, mark, until = json.loads(door.secret.open(sealed, SLIP).reveal())
    except (Tampered, ValueError):
        raise WrongCredentials from None
    if until <= door.now().timestamp():
        raise WrongCredentials
    return UUID(passkey), bytes.fromhex(mark)
