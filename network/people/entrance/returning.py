"""Coming back with a link of two coordinators, and one's own passphrase or paper."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from network.door import Door
from network.encryption.keyring import MistypedCode
from network.encryption.printed import read_code
from network.encryption.sealed import Place, Sealed, Tampered
from network.kernel.actor import Nobody
from network.kernel.errors import WrongMoment
from network.kernel.hidden import Plaintext
from network.people import totp
from network.people.domain import Lock, Opened, WrongCredentials
from network.people.entrance.joining import seal_totp
from network.people.entrance.trying import by_passphrase_of, by_recovery_of
from network.people.lanes import KNOWN
from network.people.services import returning

LASTS = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Returning:
    """Somebody whose passphrase or paper was right: what their new application shows codes from."""

    handle: str = field(repr=False)
    totp_secret: Plaintext
    slip: str = field(repr=False)

    @property
    def totp_address(self) -> Plaintext:
        """What the QR says."""
        return totp.address(self.totp_secret, self.handle)


def begin_return(door: Door, *, token: Plaintext, opening: Plaintext) -> Returning:
    """A new second factor for whoever opens a key; WrongCredentials for others. Stores nothing."""
    with KNOWN.taken():
        lock = door.ask(returning.count_return, Nobody(), token=token)
        opened = _opened(door, lock, opening)
    if opened is None:
        raise WrongCredentials
    return _returning(door, token, totp.new_secret(), door.now() + LASTS)


def read_return(door: Door, *, token: Plaintext, slip: str) -> Returning:
    """What `begin_return` gave, brought back by a browser; WrongMoment if old or altered."""
    try:
        sealed = Sealed(urlsafe_b64decode(slip.encode()))
        secret, until = json.loads(door.secret.open(sealed, _place(token)).reveal())
    except (Tampered, ValueError):
        raise WrongMoment from None
    if until <= door.now().timestamp():
        raise WrongMoment
    handle = door.look(returning.bearer, Nobody(), token=token).profile.handle
    return Returning(handle, Plaintext(secret), slip)


def finish_return(door: Door, *, token: Plaintext, slip: str, code: str) -> None:
    """The new application shows the right code: from now on it is theirs, by whichever way in."""
    found = read_return(door, token=token, slip=slip)
    lock = door.look(returning.return_lock, Nobody(), token=token)
    step = totp.step_of(found.totp_secret, code, door.now())
    if step is None:
        raise WrongCredentials
    # Sealing needs no private key: covers, used or not, get the new one too, as they had the old.
    ways = tuple(
        replace(way, totp=seal_totp(lock.person_id, way.public, found.totp_secret))
        for way in lock.ways
    )
    door.ask(returning.come_back, Nobody(), token=token, lock=lock, step=step, ways=ways)


def _opened(door: Door, lock: Lock, opening: Plaintext) -> Opened | None:
    try:
        read_code(opening)
    except MistypedCode:
        return by_passphrase_of(door.secret, lock, opening)
    return by_recovery_of(door.secret, lock, opening)


def _returning(door: Door, token: Plaintext, secret: Plaintext, until: datetime) -> Returning:
    member = door.look(returning.bearer, Nobody(), token=token)
    fields = Plaintext(json.dumps([secret.reveal(), until.timestamp()]))
    slip = urlsafe_b64encode(door.secret.seal(fields, _place(token))).decode()
    return Returning(member.profile.handle, secret, slip)


def _place(token: Plaintext) -> Place:
    return Place("forms", "return", token.reveal())
